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
                    "Look for the reason in its log (journalctl -u jobd -p err); most often the disk is full.")
            ]
        }
        return [.ok("store", "It takes changes.")]
    }

    private var clock: [Finding] {
        guard let ahead = seen["clockAheadSeconds"]?.integer else { return [] }
        return [
            .problem(
                "clock",
                "The daemon finds it \(ahead) s ahead of all that has passed, and removes nothing for its age.",
                "Set the clock, and have it kept right; if it is right, jobctl reload says so.")
        ]
    }

    private func sandbox(_ status: JSONValue) -> [Finding] {
        let sandbox = status["sandbox"]
        if sandbox?["steps"] == "off" {
            return [
                .note(
                    "sandbox",
                    "Steps run without a sandbox: each may whatever the daemon may, or the unit that runs them.",
                    "Set sandbox.steps = \"on\", and give the steps that need more their keys.")
            ]
        }
        guard sandbox?["working"] != false else {
            return [
                .problem(
                    "sandbox", "No room can be made for steps, and none runs: \(sandbox?["reason"]?.string ?? "").",
                    "Where it names a socket of /run/jobd-steps: systemctl status jobd-steps jobd-steps-open. Else look at "
                        + "user.max_user_namespaces, and at what keeps users from making namespaces "
                        + "(kernel.unprivileged_userns_clone, AppArmor).")
            ]
        }
        return [.ok("sandbox", "Each step runs in a room of its own.")]
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
            return [.problem("configuration", problem, "Correct \(file); the daemon goes on with what it read before.")]
        }
        func keys(_ name: String) -> String {
            (configuration?[name]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        }
        let (changed, fixed) = (keys("changed"), keys("needsRestart"))
        var findings: [Finding] = []
        if !changed.isEmpty {
            findings.append(
                .note("configuration", "\(file) has changed: \(changed).", "jobctl reload puts it in force."))
        }
        if !fixed.isEmpty {
            findings.append(
                .note("configuration", "\(file) has changed: \(fixed).", "A restart puts it in force."))
        }
        return findings.isEmpty ? [.ok("configuration", "What \(file) says is in force.")] : findings
    }

    private var fronts: [Finding] {
        let count = seen["fronts"]?.integer ?? 0
        guard count > 0 else {
            return [
                .note(
                    "fronts", "None is connected, so that nothing comes by HTTP.",
                    "systemctl start jobd-fastcgi.target, if a web server is to be used.")
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
                    "webhooks", "Nobody sends messages to webhooks.",
                    "systemctl start jobd-deliver; journalctl -u jobd-deliver says why it has ended.")
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
