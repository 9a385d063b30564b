import Glibc
import JobSystem

/// The daemon's side of a step's process: has a supervisor forked and gives it its order, reads what the command prints, and
/// tells it to stop.
struct StepProcess: Sendable {
    /// Where a line comes from.
    enum Stream: String, Sendable {
        case stdout, stderr
        /// The pipe for words.
        case reports
    }

    let order: StepOrder
    /// The run's directory, which the supervisor measures.
    let directory: Directory
    let lock: RunLock
    let forkServer: ForkServer
    /// Where the command may write words; open for reading, without blocking.
    let reports: CInt?
    /// After the time limit, two grace periods and this, a supervisor is taken for hung, and killed.
    var patience = Duration.seconds(10)
    /// How long a supervisor may take to begin.
    var startPatience = Duration.seconds(10)
    /// Called once when what is left of the step does not end for half a minute, with its processes.
    let onDelay: @Sendable ([Int32]) -> Void

    /// Runs the command; blocks the calling thread until nothing of it is left.
    ///
    /// Each line of output is handed to `onLine` on this thread, without its line feed.
    func run(_ cancellation: Cancellation, onLine: (Stream, String) -> Void) -> StepExit {
        let pipes: StepPipes
        do throws(SystemError) {
            pipes = try start()
        } catch {
            // Of the step's own program nothing is known yet.
            return error.isShortage ? .shortage(reason: "\(error)") : .notStarted(reason: "\(error)")
        }
        pipes.closeSupervisorEnds()
        order.write(to: pipes.control)
        var reader = StepReader(
            pipes: pipes, reports: reports, limits: order.limits, patience: patience,
            startPatience: startPatience)
        let cause = reader.read(until: cancellation, onLine: onLine) { supervisor in
            guard let supervisor else {
                forkServer.replace()
                return
            }
            guard !forkServer.end(pipes.status) else { return }
            // It leads a group of its own, by which it is known; nobody can see what it has open.
            if getpgid(supervisor) == supervisor { kill(supervisor, SIGKILL) }
            lock.free(grace: .zero, onDelay: onDelay)
        }
        var exit = StepExit(word: reader.words.end)
        if exit == .lost { lock.free(grace: order.limits.grace, onDelay: onDelay) }
        reader.readRest(onLine: onLine)
        if case .cancelled = exit, let cause { exit = cause }
        if exit == .lost, let cause { exit = cause }
        return exit
    }

    /// Gives a supervisor what belongs to the step, so that it holds the lock before it is told what to do.
    private func start() throws(SystemError) -> StepPipes {
        let pipes = try StepPipes()
        var taken = try lock.take()
        if taken == nil {
            // What the step before this one has left.
            lock.free(grace: .zero, onDelay: onDelay)
            taken = try lock.take()
        }
        guard let taken else { throw SystemError("flock", "lock", errno: EWOULDBLOCK) }
        defer { close(taken) }
        try forkServer.fork(pipes.supervisorEnds + [taken, directory.descriptor])
        return pipes
    }
}
