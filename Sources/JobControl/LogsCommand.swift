import ArgumentParser
import JSON
import JobModel
import JobWire

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what jobs' steps wrote.",
        discussion: "Of several jobs, a line says whose lines follow; with --json each line has its job's id.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    @Flag(name: [.customShort("f"), .long], help: "Go on until the jobs have ended.")
    var follow = false

    @Option(help: "Begin after the line with this number.")
    var after: Int64 = 0

    func run() async throws {
        if follow { Output.endWithReader() }
        var printer = LogPrinter(options: common, hasSeveral: jobs.ids.count > 1)
        var last = Dictionary(jobs.ids.map { ($0, after) }) { first, _ in first }
        var isOver = !follow
        repeat {
            isOver = true
            (last, printer, isOver) = try await Session.with(common) { [last, printer] session in
                var (last, printer, isOver) = (last, printer, true)
                try await jobs.forEach { id in
                    // The state is read first: lines are stored before the end is.
                    let isRunning = follow ? !(try await Self.job(id, over: session).isFinal) : false
                    if isRunning { isOver = false }
                    last[id] = try await Self.printLines(of: id, after: last[id] ?? 0, over: session, with: &printer)
                }
                return (last, printer, isOver)
            }
            if !isOver { try await Task.sleep(for: .milliseconds(250)) }
        } while !isOver
    }

    private static func job(_ id: String, over session: Session) async throws -> JobView {
        JobView(json: try await session.call(.getJob, ["jobId": .string(id)]))
    }

    /// Prints every line after a number, and returns the last one's.
    private static func printLines(
        of id: String, after number: Int64, over session: Session, with printer: inout LogPrinter
    ) async throws -> Int64 {
        var last = number
        while true {
            let page = try await session.call(
                .readLog, ["jobId": .string(id), "after": JSONValue(last), "limit": 1000])
            let lines = page["lines"]?.array ?? []
            for line in lines { printer.show(line, of: id) }
            last = page["next"]?.integer ?? last
            if lines.count < 1000 { return last }
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
