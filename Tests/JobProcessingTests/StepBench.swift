import Glibc
import JobSystem
import JobTesting
import Synchronization
import Testing

@testable import JobProcessing

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
    let forkServer: ForkServer
    let root: Directory
    let lock: RunLock
    var directory: String { temporary.path }
    var work: String { temporary.appending("work") }

    init(forkServer: ForkServer = ForkServer(.steps(executable: BuiltPrograms.jobd))) {
        self.forkServer = forkServer
        do {
            root = try Directory(at: temporary.path)
            lock = try RunLock(making: root)
        } catch {
            preconditionFailure("\(error)")
        }
        mkdir(work, 0o700)
    }

    /// Runs a command to its end; cancels it once it prints a line.
    func run(
        _ command: [String], limits: StepLimits = StepLimits(), cancellingAt line: String? = nil,
        cancellation: Cancellation? = nil, patience: Duration = .seconds(10),
        startPatience: Duration = .seconds(120)
    ) async -> Ended {
        guard let cancellation = cancellation ?? (try? Cancellation()) else {
            preconditionFailure("no descriptors are left")
        }
        let process = StepProcess(
            order: order(command, limits: limits), directory: root, lock: lock, forkServer: forkServer, reports: nil,
            patience: patience, startPatience: startPatience, onDelay: { _ in })
        return await onOwnThread {
            var lines: [Line] = []
            let exit = process.run(cancellation) { stream, text in
                lines.append(Line(stream: stream, text: text))
                if text == line { cancellation.cancel() }
            }
            return Ended(exit: exit, lines: lines)
        }
    }

    func order(_ command: [String], limits: StepLimits = StepLimits()) -> StepOrder {
        StepOrder(
            workDirectory: work, command: command,
            environment: ["PATH": ProgramPath.standard, "LANG": "C.UTF-8", "MARK": "1=2="], limits: limits)
    }

    /// Has a supervisor forked and gives it its order, as a step does; the caller is the one who holds the control socket.
    func start(_ order: StepOrder) throws -> StepPipes {
        let pipes = try StepPipes()
        let taken = try #require(try lock.take())
        try forkServer.fork(pipes.supervisorEnds + [taken, root.descriptor])
        close(taken)
        pipes.closeSupervisorEnds()
        order.write(to: pipes.control)
        return pipes
    }

    /// What a supervisor says at its end.
    func word(from pipes: StepPipes) async -> String {
        let status = pipes.status
        defer { withExtendedLifetime(pipes) {} }
        return await onOwnThread {
            var words = SupervisorWords()
            var bytes = [UInt8](repeating: 0, count: 100)
            while Polling.wait(status, for: nil), case let count = read(status, &bytes, bytes.count), count > 0 {
                words.add(Array(bytes.prefix(count)))
            }
            return words.end
        }
    }

    /// Runs a script with `sh`.
    func run(
        script: String, limits: StepLimits = StepLimits(), cancellingAt line: String? = nil,
        cancellation: Cancellation? = nil, patience: Duration = .seconds(10),
        startPatience: Duration = .seconds(120)
    ) async -> Ended {
        await run(
            ["sh", "-c", script], limits: limits, cancellingAt: line, cancellation: cancellation, patience: patience,
            startPatience: startPatience)
    }
}
