import ArgumentParser
import JSON
import JobModel
import JobWire

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print what a job's steps wrote.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    @Flag(name: [.customShort("f"), .long], help: "Go on until the job has ended.")
    var follow = false

    @Option(help: "Begin after the line with this number.")
    var after: Int64 = 0

    func run() async throws {
        var last = after
        var isOver = !follow
        repeat {
            let start = last
            (last, isOver) = try await Session.with(common) { session in
                guard follow else { return (try await printLines(after: start, over: session), true) }
                // The state is read first: lines are stored before the end is.
                let job = JobView(json: try await session.call(.getJob, ["jobId": .string(id)]))
                return (try await printLines(after: start, over: session), job.isFinal)
            }
            if !isOver { try await Task.sleep(for: .milliseconds(250)) }
        } while !isOver
    }

    /// Prints every line after a number, and returns the last one's.
    private func printLines(after number: Int64, over session: Session) async throws -> Int64 {
        var last = number
        while true {
            let page = try await session.call(
                .readLog, ["jobId": .string(id), "after": JSONValue(last), "limit": 1000])
            let lines = page["lines"]?.array ?? []
            for line in lines { show(line) }
            last = page["next"]?.integer ?? last
            if lines.count < 1000 { return last }
        }
    }

    private func show(_ line: JSONValue) {
        if common.json { return Output.json(line) }
        let text = Output.printable(line["text"]?.string ?? "")
        if common.quiet { return Output.line(text) }
        Output.line("\(line["at"]?.string ?? "") \(line["step"]?.string ?? "") \(text)")
    }
}
