import JSON
import JobWire

/// How the daemon is.
struct DaemonChecks {
    /// After so long a message that has not arrived is worth a look.
    private static let lateSeconds: Int64 = 900

    let session: Session
    /// The answer of `server.inspect`.
    let seen: JSONValue

    func findings() async throws -> [Finding] {
        let status = try await session.call(.serverStatus)
        return version + state(status) + sandbox(status) + clock + queues(status)
            + SurroundingChecks(seen: seen).findings() + configuration + fronts + webhooks
            + (try await JobChecks(session: session, seen: seen).findings())
    }

    private var version: [Finding] {
        let daemon = seen["version"]?.string ?? ""
        guard daemon == Build.version else {
            return [
                .problem(
                    "version", "The daemon is of the version \(daemon), jobctl of \(Build.version).",
                    "Restart what runs: systemctl restart jobd.target.")
            ]
        }
        return [.ok("version", "jobd \(daemon).")]
    }

    private func state(_ status: JSONValue) -> [Finding] {
        if status["draining"] == true {
            return [.note("daemon", "It is stopping, and starts no more jobs.")]
        }
        guard status["storage"]?["writable"] != false else {
            return [
                .problem(
                    "store", "The last change could not be stored.",
                    "Its log has the reason (journalctl -u jobd -p err); most often the disk is full.")
            ]
        }
        return [.ok("store", "It accepts changes.")]
    }

    private var clock: [Finding] {
        guard let ahead = seen["clockAheadSeconds"]?.integer else { return [] }
        return [
            .problem(
                "clock",
                "It has jumped ahead by \(ahead) s, so the daemon removes nothing because of its age.",
                "Set the clock, and enable its synchronisation. If it is right, confirm it with jobctl reload.")
        ]
    }

    private func sandbox(_ status: JSONValue) -> [Finding] {
        let sandbox = status["sandbox"]
        if sandbox?["steps"] == "off" {
            return [
                .note(
                    "sandbox",
                    "Steps run without a sandbox: each can do what the daemon can, or the service that runs them.",
                    "Set sandbox.steps = \"on\"; keys such as network give a step more.")
            ]
        }
        guard sandbox?["working"] != false else {
            return [
                .problem(
                    "sandbox", "No sandbox can be made for steps, so none runs: \(sandbox?["reason"]?.string ?? "").",
                    "If it names a socket of /run/jobd-steps: systemctl status jobd-steps jobd-steps-open. Otherwise check "
                        + "user.max_user_namespaces, and whether users may make namespaces "
                        + "(kernel.unprivileged_userns_clone, AppArmor).")
            ]
        }
        let holder = sandbox?["memory"] == "held" ? "the kernel limits its memory" : "its supervisor limits its memory"
        return [.ok("sandbox", "Each step runs in a sandbox; \(holder).")]
    }

    private func queues(_ status: JSONValue) -> [Finding] {
        (status["queues"]?.array ?? []).filter { $0["paused"] == true }.map { queue in
            let name = queue["name"]?.string ?? ""
            return .note("queue", "\(name) is paused.", "jobctl resume \(name) starts its jobs again.")
        }
    }

    private var configuration: [Finding] {
        let configuration = seen["configuration"]
        let file = configuration?["file"]?.string ?? ""
        if let problem = configuration?["problem"]?.string {
            return [.problem("configuration", problem, "Correct \(file); the daemon still uses what it read before.")]
        }
        func keys(_ name: String) -> String {
            (configuration?[name]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        }
        let (changed, fixed) = (keys("changed"), keys("needsRestart"))
        var findings: [Finding] = []
        if !changed.isEmpty {
            findings.append(
                .note("configuration", "\(file) has changed: \(changed).", "jobctl reload applies it."))
        }
        if !fixed.isEmpty {
            findings.append(
                .note("configuration", "\(file) has changed: \(fixed).", "A restart applies it."))
        }
        return findings.isEmpty ? [.ok("configuration", "\(file) is applied.")] : findings
    }

    private var fronts: [Finding] {
        let count = seen["fronts"]?.integer ?? 0
        guard count > 0 else {
            return [
                .note(
                    "fronts", "No front is connected, so no HTTP request arrives.",
                    "If you use a web server: systemctl start jobd-fastcgi.target.")
            ]
        }
        return [.ok("fronts", "\(count) \(count == 1 ? "is" : "are") connected.")]
    }

    /// Those that wait while nobody sends any, or for longer than a receiver is usually away.
    private var webhooks: [Finding] {
        let pending = seen["webhooks"]?["pending"]?.array ?? []
        guard !pending.isEmpty else { return [] }
        guard seen["webhooks"]?["sender"] != false else {
            return [
                .problem(
                    "webhooks", "The process that sends messages to webhooks does not run.",
                    "systemctl start jobd-deliver; journalctl -u jobd-deliver says why it ended.")
            ]
        }
        let late = pending.filter { $0["oldestSeconds"]?.integer ?? 0 >= Self.lateSeconds }.map { entry -> Finding in
            let (name, count) = (entry["webhook"]?.string ?? "", entry["count"]?.integer ?? 0)
            let age = entry["oldestSeconds"]?.integer ?? 0
            return .problem(
                "webhooks",
                "\(count) \(count == 1 ? "message waits" : "messages wait") for \(name), the oldest for \(age / 60) minutes.",
                "jobctl webhooks --webhook \(name) --status pending says why.")
        }
        return late.isEmpty ? [.ok("webhooks", "Messages arrive.")] : late
    }
}
