/// What can become due of a job.
///
/// A new one needs its fact in `Job.timerCause`, its span in ``TimerIndex``, and what happens then in `JobMap.tick`.
enum TimerKind: Hashable, Sendable {
    /// The moment that its sender named has come.
    case start
    /// The wait after a failure is over.
    case again
    /// The application that runs it was silent for too long.
    case applicationSilence
    /// The worker that runs it was silent for too long.
    case lease
    /// The worker that held it by a connection has not come back since the daemon started.
    case reconnect

    /// Whether it is a moment of the wall clock, and not the end of a span.
    var isMoment: Bool { self == .start }

    /// Whether it waits for a report, which nobody could send before the daemon's start.
    var waitsForAWord: Bool {
        switch self {
        case .applicationSilence, .lease, .reconnect: true
        case .start, .again: false
        }
    }
}

/// Why something becomes due, and the moment in the job from which it follows when.
struct TimerCause: Hashable, Sendable {
    let kind: TimerKind
    let fact: Timestamp
}

extension JobRecord {
    func timerCause(_ start: Timestamp) -> TimerCause? {
        switch self {
        case .job(let job): job.timerCause(start)
        case .gone: nil
        }
    }
}

extension Job {
    /// A job waits for one thing at a time.
    func timerCause(_ start: Timestamp) -> TimerCause? {
        switch (status, lease.runner) {
        case (.scheduled, _): times.runAt.map { TimerCause(kind: isNamed($0) ? .start : .again, fact: $0) }
        case (.processing, .application): TimerCause(kind: .applicationSilence, fact: lease.heardAt ?? times.updatedAt)
        case (.processing, .worker): workerCause(start)
        case (.processing, .jobd), (.processing, nil), (.pending, _), (.blocked, _), (.queued, _), (.completed, _),
            (.failed, _),
            (.cancelled, _):
            nil
        }
    }

    /// Whether somebody named the moment of its next start, and it is not the end of a wait.
    private func isNamed(_ moment: Timestamp) -> Bool { runs.attempt == 0 || asked.terms.namedStart == moment }

    /// A worker with a connection is only missed when it has not been heard since the start.
    private func workerCause(_ start: Timestamp) -> TimerCause? {
        let heardAt = lease.heardAt ?? times.updatedAt
        if lease.seconds != nil { return TimerCause(kind: .lease, fact: heardAt) }
        return heardAt < start ? TimerCause(kind: .reconnect, fact: heardAt) : nil
    }
}
