import JSON
import JobModel
import JobWire

/// How the daemon is, and how it sees its surroundings.
struct DaemonChecks {
    /// What a daemon needs at least for a thousand streams, their connections and its steps.
    private static let enoughDescriptors: Int64 = 4096

    /// After so long a message that has not arrived is worth a look.
    private static let lateSeconds: Int64 = 900

    let session: Session
    /// The answer of `server.inspect`.
    let seen: JSONValue

    func findings() async throws -> [Finding] {
        let status = try await session.call(.serverStatus)
        return version + state(status) + walls(status) + clock + queues(status) + storage + descriptors + programs
            + configuration + fronts + webhooks + (try await guessable())
            + (try await silent())
    }

    /// Jobs that pages made before nobody was refused them: whoever upgrades learns which pages that concerns.
    private func guessable() async throws -> [Finding] {
        guard seen["anonymous"] == "ids" else { return [] }
        let page = try await session.call(.listJobs, ["limit": 500])
        let jobs = (page["jobs"]?.array ?? []).filter { job in
            job["owner"] == .null && job["jobId"]?.string.flatMap(JobID.init)?.isUnguessable == false
        }
        guard let newest = jobs.first?["jobId"]?.string else { return [] }
        return [
            .note(
                "access",
                "Of the newest jobs \(jobs.count) have no owner and ids that can be guessed, such as \(newest): "
                    + "pages that ask as nobody are refused them.",
                "Say who asks, or leave ids to jobd; access.anonymous = \"any\" keeps such pages, where all who reach the "
                    + "service are trusted.")
        ]
    }

    /// Jobs that the application runs and has long said nothing of: they end by themselves only after days.
    private func silent() async throws -> [Finding] {
        let count = try await session.call(.getStats)["silent"]?.integer ?? 0
        guard count > 0 else { return [] }
        let page = try await session.call(.listJobs, ["status": "processing", "limit": 500])
        let limit = Timestamp.now + .seconds(-3600)
        let silent = page["jobs"]?.array?.last { job in
            job["runner"] == "application"
                && (job["updatedAt"]?.string.flatMap(Timestamp.init)).map { $0 < limit } ?? false
        }
        let id = silent?["jobId"]?.string
        return [
            .note(
                "silent",
                "The application runs \(count) jobs of which it has said nothing for an hour"
                    + (id.map { "; one is \($0)." } ?? "."),
                "Have it report with leaseSeconds, so that they end when it is gone; jobctl cancel \(id ?? "ID") ends one."
            )
        ]
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

    private func walls(_ status: JSONValue) -> [Finding] {
        let sandbox = status["sandbox"]
        if sandbox?["steps"] == "off" {
            return [
                .note(
                    "sandbox", "Steps run without walls: each may whatever the daemon may, or the unit that runs them.",
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

    private var storage: [Finding] {
        let storage = seen["storage"]
        let directory = storage?["directory"]?.string ?? ""
        let free = storage?["freeBytes"]?.integer ?? 0
        let total = storage?["totalBytes"]?.integer ?? 0
        let minimum = storage?["minimumFreeBytes"]?.integer ?? 0
        let left = "\(Self.size(free)) of \(Self.size(total)) are free for \(directory)"
        let room = free - minimum
        var findings: [Finding] = []
        if free <= minimum {
            findings.append(
                .problem(
                    "disk", "\(left); uploads are refused below \(Self.size(minimum)).",
                    "Make room: jobctl delete --ended-before 7d, shorter times in [retention], or a larger disk."))
        } else if free < total / 10 || room < minimum {
            findings.append(
                .note(
                    "disk", "\(left); uploads of more than \(Self.size(room)) are refused.",
                    "Make room in time: jobctl delete --ended-before 7d, shorter times in [retention], or a larger disk."
                ))
        } else {
            findings.append(.ok("disk", "\(left)."))
        }
        if let mode = storage?["mode"]?.string, let bits = Int(mode, radix: 8), bits & 0o007 != 0 {
            findings.append(
                .problem(
                    "permissions", "Everybody on this machine gets into \(directory) (mode \(mode)).",
                    "chmod o= \(directory)"))
        } else {
            findings.append(.ok("permissions", "\(directory) is closed to others."))
        }
        return findings
    }

    private var descriptors: [Finding] {
        let count = seen["openFiles"]?["count"]?.integer ?? 0
        let limit = seen["openFiles"]?["limit"]?.integer ?? 0
        guard limit >= Self.enoughDescriptors, count < limit / 10 * 8 else {
            return [
                .problem(
                    "limits", "The daemon may have \(limit) files open, and has \(count).",
                    "Set LimitNOFILE=65536 for jobd.service (or ulimit -n), and restart it.")
            ]
        }
        return [.ok("limits", "The daemon may have \(limit) files open, and has \(count).")]
    }

    private var programs: [Finding] {
        let programs = seen["programs"]?.array ?? []
        let missing = programs.filter { $0["found"] == false }.map { entry -> Finding in
            let program = entry["program"]?.string ?? ""
            let step = "the step \(entry["step"]?.string ?? "") of \(entry["pipeline"]?.string ?? "")"
            return entry["optional"] == true
                ? .note("programs", "Without \(program), \(step) is left out.", "Install \(program), if it is wanted.")
                : .problem("programs", "\(program) is missing, and \(step) fails.", "Install \(program).")
        }
        return missing.isEmpty ? [.ok("programs", "Everything that the pipelines need is there.")] : missing
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

    static func size(_ bytes: Int64) -> String {
        switch bytes {
        case ..<10_000: "\(bytes) bytes"
        case ..<10_000_000: "\(bytes / 1000) kB"
        case ..<10_000_000_000: "\(bytes / 1_000_000) MB"
        default: "\(bytes / 1_000_000_000) GB"
        }
    }
}
