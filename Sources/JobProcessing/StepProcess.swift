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
    let forkServer: ForkServer
    /// Where the command may write words; open for reading, without blocking.
    let reports: CInt?

    /// Runs the command; blocks the calling thread until nothing of it is left but its supervisor, which is ending.
    ///
    /// Each line of output is handed to `onLine` on this thread, without its line feed.
    func run(_ cancellation: Cancellation, onLine: (Stream, String) -> Void) -> StepExit {
        guard let pipes = StepPipes() else {
            return .notStarted(reason: "no descriptors are left for its pipes")
        }
        do throws(SystemError) {
            try forkServer.fork(pipes.supervisorEnds)
        } catch {
            return .notStarted(reason: "\(error)")
        }
        pipes.closeSupervisorEnds()
        order.write(to: pipes.control)
        var reader = StepReader(pipes: pipes, reports: reports, limits: order.limits)
        let cause = reader.read(until: cancellation, onLine: onLine)
        let exit = StepExit(word: reader.status)
        if exit == .lost { RunLock.free(order.directory, grace: order.limits.grace) }
        reader.finish(onLine: onLine)
        if case .cancelled = exit, let cause { return cause }
        return exit
    }
}

/// A request to stop that any thread can make, and that wakes the thread which waits for the step.
package final class Cancellation: Sendable {
    let descriptor: CInt

    /// Nil when there are no descriptors left.
    package init?() {
        guard let descriptor = try? Descriptors.event() else { return nil }
        self.descriptor = descriptor
    }

    /// Makes the request; once made, it stays.
    package func cancel() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Whether it was made.
    package var isCancelled: Bool { Polling.wait([descriptor], for: .zero)[0] }

    deinit { close(descriptor) }
}
