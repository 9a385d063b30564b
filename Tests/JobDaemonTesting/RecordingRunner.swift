package import JobDaemon
package import JobModel
import Synchronization

/// Runs nothing, and remembers what it was asked to run.
package final class RecordingRunner: JobRunner {
    package enum Call: Hashable, Sendable {
        case run(JobID, run: Int64)
        case cancel(JobID, run: Int64)
        case stop
    }

    private struct State {
        var calls: [Call] = []
        var running: [JobID: Int64] = [:]
        var tell: (@Sendable (Command) -> Void)?
        var sandbox = SandboxState.off
    }

    private let state = Mutex(State())

    package init() {}

    package var sandboxState: SandboxState {
        get { state.withLock(\.sandbox) }
        set { state.withLock { $0.sandbox = newValue } }
    }

    package var calls: [Call] { state.withLock { $0.calls } }

    /// Where what runs is released to when the daemon stops.
    package func connect(to tell: @escaping @Sendable (Command) -> Void) {
        state.withLock { $0.tell = tell }
    }

    package func run(_ job: Job) {
        state.withLock { state in
            state.calls.append(.run(job.jobId, run: job.runs.last ?? 0))
            state.running[job.jobId] = job.runs.last
        }
    }

    package func cancel(_ id: JobID, run: Int64) {
        state.withLock { $0.calls.append(.cancel(id, run: run)) }
    }

    package func stop() async {
        let (running, tell) = state.withLock { state in
            state.calls.append(.stop)
            return (state.running, state.tell)
        }
        for (id, run) in running { tell?(.release(id, run: run)) }
    }
}
