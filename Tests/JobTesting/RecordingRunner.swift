import JobDaemon
package import JobModel
import Synchronization

/// Runs nothing, and remembers what it was asked to run.
package final class RecordingRunner: JobRunner {
    package enum Call: Hashable, Sendable {
        case run(JobID, attempt: Int)
        case cancel(JobID, attempt: Int)
        case stop
    }

    private struct State {
        var calls: [Call] = []
        var running: [JobID: Int] = [:]
        var tell: (@Sendable (Command) -> Void)?
    }

    private let state = Mutex(State())

    package init() {}

    package var calls: [Call] { state.withLock { $0.calls } }

    /// Where the running attempts are released to when the daemon stops.
    package func connect(to tell: @escaping @Sendable (Command) -> Void) {
        state.withLock { $0.tell = tell }
    }

    package func run(_ job: Job) {
        state.withLock { state in
            state.calls.append(.run(job.jobId, attempt: job.attempt))
            state.running[job.jobId] = job.attempt
        }
    }

    package func cancel(_ id: JobID, attempt: Int) {
        state.withLock { $0.calls.append(.cancel(id, attempt: attempt)) }
    }

    package func stop() async {
        let (running, tell) = state.withLock { state in
            state.calls.append(.stop)
            return (state.running, state.tell)
        }
        for (id, attempt) in running { tell?(.release(id, attempt: attempt)) }
    }
}
