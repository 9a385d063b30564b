import JobModel
import JobTesting
import Logging
import Synchronization
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct EndLogTests {
    @Test(arguments: [JobModel.Runner.jobd, .application, .worker])
    func whatAStrangerWroteIsNotInTheLog(runner: JobModel.Runner) {
        let lines = Lines()
        let error = JobFailure(code: "exit", message: "evil", step: "evil\u{1B}[2J", exitCode: 3, signal: "evil")
        var log = EndLog()
        let logger = Logger(label: "test") { _ in lines }
        log.add(.sample(status: .failed, message: "evil", runner: runner, error: error), by: WallClock(), to: logger)
        let line = lines.last
        #expect(line.contains("error=exit"))
        #expect(line.contains("evil") == (runner == .jobd))
    }

    @Test func aJobRanAsLongAsTimePassedAlsoWhereTheClockWasSetBack() {
        let (lines, start) = (Lines(), Timestamp(milliseconds: 1_795_435_200_000))
        var clock = WallClock()
        for (now, passed) in [(start, 0), (start + .seconds(-3600), 5)] {
            _ = clock.read(now, passed: .seconds(passed))
        }
        var job = Job.sample(status: .completed)
        (job.times.startedAt, job.times.finishedAt) = (start, start + .seconds(-3595))
        var log = EndLog()
        log.add(job, by: clock, to: Logger(label: "test") { _ in lines })
        #expect("\(lines.last) ".contains(" ranMs=10000 "))
    }
}

/// Keeps the last line.
private struct Lines: LogHandler {
    private final class Line: Sendable { let text = Mutex("") }

    private let line = Line()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    var last: String { line.text.withLock { $0 } }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        line.text.withLock { $0 = "\(event.message) \(fields)" }
    }
}
