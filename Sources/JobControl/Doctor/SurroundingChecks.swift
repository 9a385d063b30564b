import JSON

/// How the daemon sees the machine that it runs on.
struct SurroundingChecks {
    /// What a daemon needs at least for a thousand streams, their connections and its steps.
    private static let enoughDescriptors: Int64 = 4096

    /// The answer of `server.inspect`.
    let seen: JSONValue

    func findings() -> [Finding] { storage + descriptors + programs }

    private var storage: [Finding] {
        let storage = seen["storage"]
        let directory = storage?["directory"]?.string ?? ""
        let free = storage?["freeBytes"]?.integer ?? 0
        let total = storage?["totalBytes"]?.integer ?? 0
        let minimum = storage?["minimumFreeBytes"]?.integer ?? 0
        let left = "\(Size.text(free)) of \(Size.text(total)) are free for \(directory)"
        let room = free - minimum
        var findings: [Finding] = []
        if free <= minimum {
            findings.append(
                .problem(
                    "disk", "\(left); uploads are refused below \(Size.text(minimum)).",
                    "Free disk space: jobctl delete --ended-before 7d, shorter times in [retention], or a larger disk.")
            )
        } else if free < total / 10 || room < minimum {
            findings.append(
                .note(
                    "disk", "\(left); uploads of more than \(Size.text(room)) are refused.",
                    "Free disk space soon: jobctl delete --ended-before 7d, shorter times in [retention], or a larger disk."
                ))
        } else {
            findings.append(.ok("disk", "\(left)."))
        }
        if let mode = storage?["mode"]?.string, let bits = Int(mode, radix: 8), bits & 0o007 != 0 {
            findings.append(
                .problem(
                    "permissions", "Every user of this machine can enter \(directory) (mode \(mode)).",
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
                ? .note("programs", "Without \(program), \(step) is skipped.", "Install \(program) if you want it.")
                : .problem("programs", "\(program) is missing, and \(step) fails.", "Install \(program).")
        }
        return missing.isEmpty ? [.ok("programs", "All programs of the pipelines are installed.")] : missing
    }
}
