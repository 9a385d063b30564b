import JSON

/// How the daemon is and what there is, as lines of a name and a value.
enum StatusText {
    /// The answer to `server.status`; what is not known here stands as it came.
    static func lines(of status: JSONValue) -> [String] {
        (status.object?.members ?? []).flatMap { member -> [String] in
            switch (member.key, member.value) {
            case ("uptimeSeconds", let value): ["uptime: \(TopFrame.span(seconds: value.integer ?? 0))"]
            case ("jobs", let counts): ["jobs: \(words(of: counts))"]
            case ("queues", .array(let queues)): queues.map(line(of:))
            case ("storage", let storage): ["storage: \(words(ofStorage: storage))"]
            case ("sandbox", let sandbox): ["sandbox: \(words(ofSandbox: sandbox))"]
            case (let key, .bool(let value)): ["\(key): \(value ? "yes" : "no")"]
            case (let key, let value): ["\(key): \(Output.printable(value.string ?? JSONText(value).text))"]
            }
        }
    }

    /// The first part of the answer to `stats.get`.
    static func lines(ofStatistics stats: JSONValue) -> [String] {
        [
            "jobs: \(words(of: stats["counts"]))", "storage: \(words(ofStorage: stats["storage"]))",
            "streams: \(stats["streams"]?.integer ?? 0)",
        ]
    }

    /// How many jobs are in each state that has some.
    private static func words(of counts: JSONValue?) -> String {
        let some = (counts?.object?.members ?? []).filter { $0.value.integer != 0 }
        return some.isEmpty ? "none" : some.map { "\(JSONText($0.value).text) \($0.key)" }.joined(separator: ", ")
    }

    private static func line(of queue: JSONValue) -> String {
        let name = Output.printable(queue["name"]?.string ?? "")
        let slots = "\(queue["running"]?.integer ?? 0) of \(queue["width"]?.integer ?? 0) slots in use"
        let paused = queue["paused"]?.bool == true ? ", paused" : ""
        return "queue \(name): \(slots), \(queue["queued"]?.integer ?? 0) queued\(paused)"
    }

    private static func words(ofStorage storage: JSONValue?) -> String {
        let parts = [
            storage?["files"]?.integer.map { "\($0) files" }, storage?["bytes"]?.integer.map(Size.text),
            storage?["freeBytes"]?.integer.map { "\(Size.text($0)) free" },
            storage?["writable"]?.bool == false ? "CANNOT STORE CHANGES" : nil,
        ]
        return parts.compactMap(\.self).joined(separator: ", ")
    }

    private static func words(ofSandbox sandbox: JSONValue) -> String {
        let problem = sandbox["working"]?.bool == false ? sandbox["reason"]?.string ?? "not working" : nil
        let memory = sandbox["memory"]?.string.map { "memory \($0)" }
        let parts = [sandbox["steps"]?.string, problem.map(Output.printable), memory.map(Output.printable)]
        return parts.compactMap(\.self).joined(separator: ", ")
    }
}
