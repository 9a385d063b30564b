import ArgumentParser
import JSON
import JobModel
import JobWire

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the logs of jobs.",
        discussion: "For several jobs, a heading precedes the lines of each; with --json each line has its job's id.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    @Flag(name: [.customShort("f"), .long], help: "Print new lines until the jobs have ended.")
    var follow = false

    @Option(
        name: [.customShort("n"), .long],
        help: "Print only so many of the last lines; with --follow, new ones after them.")
    var tail: Int?

    @Option(name: .customLong("run"), help: "Only lines of this run; jobctl show has its number (default: all).")
    var onlyRun: Int64?

    @Option(help: "Begin after the line with this number.")
    var after: Int64 = 0

    func validate() throws {
        guard tail.map({ $0 >= 0 }) ?? true else { throw ValidationError("--tail is a number of lines.") }
    }

    func run() async throws {
        if follow { Output.endWithReader() }
        var printer = LogPrinter(options: common, hasSeveral: jobs.ids.count > 1)
        // The number of the last line that was read.
        var last: [String: Int64] = [:]
        var isOver = !follow
        repeat {
            isOver = true
            (last, printer, isOver) = try await Session.with(common) { [last, printer] session in
                var (last, printer, isOver) = (last, printer, true)
                try await jobs.forEach { id in
                    // The state is read first: lines are stored before the end is.
                    let isRunning = follow ? !(try await Self.job(id, over: session).isFinal) : false
                    if isRunning { isOver = false }
                    let isFirst = last[id] == nil
                    var kept: [JSONValue] = []
                    last[id] = try await forEachLine(of: id, after: last[id] ?? after, over: session) { line in
                        guard let tail, isFirst else { return printer.show(line, of: id) }
                        kept.append(line)
                        if kept.count >= 2 * max(tail, 1000) { kept.removeFirst(kept.count - tail) }
                    }
                    for line in kept.suffix(tail ?? 0) { printer.show(line, of: id) }
                }
                return (last, printer, isOver)
            }
            if !isOver { try await Task.sleep(for: .milliseconds(250)) }
        } while !isOver
    }

    private static func job(_ id: String, over session: Session) async throws -> JobView {
        JobView(json: try await session.call(.getJob, ["jobId": .string(id)]))
    }

    /// Reads every line after a number, and returns the last one's.
    ///
    /// A page ends where it is full of long lines, too, so only an empty one is the end.
    private func forEachLine(
        of id: String, after number: Int64, over session: Session, _ body: (JSONValue) -> Void
    ) async throws -> Int64 {
        var params: JSONObject = ["jobId": .string(id), "limit": 1000]
        params["run"] = onlyRun.map { JSONValue($0) }
        var last = number
        while true {
            params["after"] = JSONValue(last)
            let page = try await session.call(.readLog, params)
            let lines = page["lines"]?.array ?? []
            lines.forEach(body)
            last = page["next"]?.integer ?? last
            if lines.isEmpty { return last }
        }
    }
}

/// Prints lines of logs.
private struct LogPrinter: Sendable {
    let options: CommonOptions
    let hasSeveral: Bool
    /// Whose line was the last one.
    var job: String?

    mutating func show(_ line: JSONValue, of id: String) {
        if options.json {
            var line = line.object ?? JSONObject()
            if hasSeveral { line["jobId"] = .string(id) }
            return Output.json(.object(line))
        }
        let text = Output.printable(line["text"]?.string ?? "")
        if options.quiet { return Output.line(text) }
        if hasSeveral, job != id { Output.line("\(job == nil ? "" : "\n")==> \(id) <==") }
        job = id
        Output.line("\(line["at"]?.string ?? "") \(line["step"]?.string ?? "") \(text)")
    }
}
