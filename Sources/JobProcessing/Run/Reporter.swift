import Dispatch
import JobModel
import Synchronization

/// Tells how a run goes: the first change at once, then at most ``rate`` times a second, with everything in between.
final class Reporter: Sendable {
    /// Reports of one run in a second.
    static let rate = 20

    private struct State {
        var pending = Report()
        var hasPending = false
        var isWaiting = false
        var isOver = false
        var budget: LogBudget
    }

    private let state: Mutex<State>
    private let tell: @Sendable (Report) -> Void
    let now: @Sendable () -> Timestamp

    /// Makes a reporter for a run of a job whose log has so many lines already.
    init(
        earlierLines: Int64, now: @escaping @Sendable () -> Timestamp, tell: @escaping @Sendable (Report) -> Void
    ) {
        state = Mutex(State(budget: LogBudget(earlierLines: earlierLines)))
        self.now = now
        self.tell = tell
    }

    /// A change of progress, step or message; what is nil stays.
    func report(progress: Double? = nil, step: String? = nil, message: String? = nil) {
        add { report in
            report.progress = progress ?? report.progress
            report.step = step ?? report.step
            report.message = message ?? report.message
        }
    }

    func log(_ step: String, _ stream: String, _ text: String) {
        let line = LogLine(at: now(), step: step, stream: stream, text: text)
        guard let line = state.withLock({ $0.budget.take(line) }) else { return }
        add { $0.lines.append(line) }
    }

    /// Ends the reports; returns the lines that go with the outcome.
    ///
    /// What was told before is with its receiver before this returns. A job that has not completed keeps the progress, the
    /// step and the message that it came to, so they are told before the end; one that was cancelled keeps the message of
    /// whoever cancelled it.
    func finish(step: String, _ ending: RunOutcome.Ending) -> [LogLine] {
        state.withLock { state in
            state.isOver = true
            let lines = state.pending.lines + state.budget.finish(at: now(), step: step)
            state.pending.lines = []
            switch ending {
            case .completed: return lines
            case .failed: break
            case .cancelled: state.pending.message = nil
            }
            if state.pending != Report() { tell(state.pending) }
            return lines
        }
    }

    private func add(_ change: (inout Report) -> Void) {
        state.withLock { state in
            change(&state.pending)
            state.hasPending = true
            sendIfDue(&state)
        }
    }

    /// Tells with the lock held, so that no report overtakes another or the end.
    private func sendIfDue(_ state: inout State) {
        guard state.hasPending, !state.isWaiting, !state.isOver else { return }
        tell(state.pending)
        state.pending = Report()
        state.hasPending = false
        state.isWaiting = true
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1000 / Self.rate)) { [self] in
            self.state.withLock { state in
                state.isWaiting = false
                sendIfDue(&state)
            }
        }
    }
}
