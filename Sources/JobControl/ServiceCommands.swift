import ArgumentParser
import JSON
import JobModel
import JobSystem
import JobWire

// The verbs about the daemon itself.

struct QueuesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queues", abstract: "List the queues, their width and their jobs.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let result = try await Session.with(common) { try await $0.call(.listQueues) }
        let queues = result["queues"]?.array ?? []
        if common.json || common.quiet {
            for queue in queues { common.json ? Output.json(queue) : Output.line(queue["name"]?.string ?? "") }
            return
        }
        let (columns, now) = (["name", "width", "running", "queued", "paused"], Timestamp.now)
        Output.table(
            columns.map { $0.uppercased() } + ["OLDEST WAITS"],
            queues.map { queue in
                let since = queue["oldestQueuedAt"]?.string.flatMap(Timestamp.init)
                let wait = since.map { TopFrame.span(seconds: max(0, now.milliseconds - $0.milliseconds) / 1000) } ?? ""
                return columns.map { queue[$0]?.string ?? queue[$0].map { JSONText($0).text } ?? "" } + [wait]
            })
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Start no more jobs of a queue; running jobs go on.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The queue's name.", completion: Completion.queues)
    var name: String

    func run() async throws { try await change(.pauseQueue, name, common) }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Start jobs of a queue again.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The queue's name.", completion: Completion.queues)
    var name: String

    func run() async throws { try await change(.resumeQueue, name, common) }
}

private func change(_ method: Method, _ queue: String, _ common: CommonOptions) async throws {
    let result = try await Session.with(common) { try await $0.call(method, ["name": .string(queue)]) }
    if common.json { return Output.json(result) }
    Output.line(common.quiet ? queue : "\(queue) is \(result["paused"]?.bool == true ? "paused" : "running")")
}

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Print the state of the daemon.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let status = try await Session.with(common) { try await $0.call(.serverStatus) }
        if common.json { return Output.json(status) }
        // With -q only ids are printed, which a status does not have.
        if common.quiet { return }
        for line in StatusText.lines(of: status) { Output.line(line) }
    }
}

struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Print the number of jobs in each state, and what happened in the last hour.")

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let stats = try await Session.with(common) { try await $0.call(.getStats) }
        if common.json { return Output.json(stats) }
        for line in StatusText.lines(ofStatistics: stats) { Output.line(line) }
        let ends = ["completed", "failed", "cancelled"]
        Output.table(
            ["TYPE"] + ends.map { $0.uppercased() } + ["RUN P50", "RUN P95"],
            (stats["types"]?.array ?? []).map { type in
                let spans = ["p50", "p95"].map { type["runMs"]?[$0]?.integer.map { "\($0) ms" } ?? "" }
                return [type["jobType"]?.string ?? ""] + ends.map { type[$0].map { JSONText($0).text } ?? "" } + spans
            })
        let columns = ["created", "completed", "failed", "cancelled"]
        let busy = (stats["minutes"]?.array ?? []).filter { minute in columns.contains { minute[$0] != 0 } }
        Output.table(
            ["MINUTE"] + columns.map { $0.uppercased() } + ["WAIT P95", "RUN P95"],
            busy.map { minute in
                let spans = ["waitMs", "runMs"].map { minute[$0]?["p95"]?.integer.map { "\($0) ms" } ?? "" }
                return [minute["at"]?.string ?? ""] + columns.map { minute[$0].map { JSONText($0).text } ?? "" } + spans
            })
    }
}

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Let the daemon reload its configuration.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp(
            "The file with the keys of tokens, for a daemon that may not read it, as under systemd.", valueName: "file")
    )
    var tokenKeys: String?

    func run() async throws {
        var params = JSONObject()
        if let tokenKeys {
            guard let text = SmallFile.read(tokenKeys) else {
                throw Exit(code: Exit.usage, message: "\(tokenKeys) cannot be read.")
            }
            params["tokenKeys"] = .string(text)
        }
        let given = params
        let result = try await Session.with(common, through: .admin) { session in
            do {
                return try await session.call(.reloadServer, given)
            } catch let exit as Exit where exit.code == Exit.usage {
                // What is wrong is in a file.
                throw Exit(code: Exit.configuration, message: exit.message)
            }
        }
        if common.json { return Output.json(result) }
        for member in result.object?.members ?? [] {
            let items = (member.value.array ?? []).compactMap(\.string)
            Output.line("\(member.key): \(items.isEmpty ? "nothing" : items.joined(separator: ", "))")
        }
    }
}
