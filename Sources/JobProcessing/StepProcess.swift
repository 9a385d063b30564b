import CSpawn
import Glibc

/// The daemon's side of a step's process: starts the supervisor, reads what the command prints, and tells it to stop.
package struct StepProcess: Sendable {
    package enum Stream: String, Sendable {
        case stdout, stderr
    }

    /// The run's directory, with `lock`.
    package var directory: String
    /// Where the command starts; below the directory.
    package var workDirectory: String
    /// The program, looked for in the `PATH` of the environment, and its arguments.
    package var command: [String]
    /// The whole environment of the command.
    package var environment: [String: String]
    package var limits: StepLimits
    /// The executable that has `step-exec`.
    package var supervisor: String
    /// Where the command may write lines as if it printed them; open for reading, without blocking.
    package var reports: CInt?

    package init(
        directory: String, workDirectory: String, command: [String], environment: [String: String],
        limits: StepLimits, supervisor: String, reports: CInt? = nil
    ) {
        self.directory = directory
        self.workDirectory = workDirectory
        self.command = command
        self.environment = environment
        self.limits = limits
        self.supervisor = supervisor
        self.reports = reports
    }

    /// Runs the command; blocks the calling thread until nothing of it is left, neither process nor descriptor.
    ///
    /// Each line of output is handed to `onLine` on this thread, without its line feed.
    package func run(_ cancellation: Cancellation, onLine: (Stream, String) -> Void) -> StepExit {
        guard let pipes = StepPipes() else { return .lost }
        let arguments = StepExecArguments(
            directory: directory, workDirectory: workDirectory, limits: limits, command: command)
        var spawn = Spawn(
            path: supervisor, arguments: ["jobd", "step-exec"] + arguments.words, environment: environment,
            descriptors: pipes.supervisorEnds)
        spawn.hasOwnGroup = true
        let process: pid_t
        do throws(Spawn.Failure) {
            process = try spawn.start()
        } catch {
            return .lost
        }
        pipes.closeSupervisorEnds()
        var reader = StepReader(pipes: pipes, reports: reports, limits: limits)
        let cause = reader.read(until: cancellation, onLine: onLine)
        var status: CInt = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let exit = StepExit(word: reader.status)
        if exit == .lost { RunLock.free(directory, grace: limits.grace) }
        reader.finish(onLine: onLine)
        if case .cancelled = exit, let cause { return cause }
        return exit
    }
}

/// A request to stop that any thread can make, and that wakes the thread which waits for the step.
package final class Cancellation: Sendable {
    let descriptor: CInt

    package init() {
        descriptor = event_descriptor()
    }

    package func cancel() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Whether it was made.
    package var isCancelled: Bool { Polling.wait([descriptor], for: .zero)[0] }

    deinit { close(descriptor) }
}
