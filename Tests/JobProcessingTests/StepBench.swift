import Glibc
import JobProcessing
import JobTesting
import Synchronization

/// A run's directory, and steps that run in it under the real supervisor.
struct StepBench: Sendable {
    struct Line: Hashable, Sendable {
        let stream: StepProcess.Stream
        let text: String
    }

    struct Ended: Sendable {
        let exit: StepExit
        let lines: [Line]

        func texts(_ stream: StepProcess.Stream = .stdout) -> [String] {
            lines.filter { $0.stream == stream }.map(\.text)
        }
    }

    private let temporary = TemporaryDirectory()
    var directory: String { temporary.path }
    var work: String { temporary.appending("work") }

    init() { mkdir(work, 0o700) }

    /// Runs a command to its end; cancels it once it prints a line.
    func run(
        _ command: [String], limits: StepLimits = StepLimits(), cancellingAt line: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) async -> Ended {
        let process = StepProcess(
            directory: directory, workDirectory: work, command: command,
            environment: ["PATH": ProgramPath.standard, "LANG": "C.UTF-8", "MARK": "1=2="], limits: limits,
            supervisor: BuiltPrograms.jobd)
        return await onOwnThread {
            var lines: [Line] = []
            let exit = process.run(cancellation) { stream, text in
                lines.append(Line(stream: stream, text: text))
                if text == line { cancellation.cancel() }
            }
            return Ended(exit: exit, lines: lines)
        }
    }

    /// Runs a script with `sh`.
    func run(
        script: String, limits: StepLimits = StepLimits(), cancellingAt line: String? = nil,
        cancellation: Cancellation = Cancellation()
    ) async -> Ended {
        await run(["sh", "-c", script], limits: limits, cancellingAt: line, cancellation: cancellation)
    }
}
