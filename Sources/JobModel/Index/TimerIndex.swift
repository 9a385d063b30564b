/// What becomes due by itself, and when.
///
/// Moments that somebody named are of the wall clock. Spans (the wait before another attempt, the silence of an application)
/// go on as time passes, whatever the wall clock is set to meanwhile.
struct TimerIndex: JobIndex {
    /// How long an application without a lease may be silent.
    var silence: Duration
    /// When the map began: nobody was able to report before, so spans of silence begin then at the earliest.
    private let start: Timestamp
    /// What the wall clock was set ahead since then.
    private var offset = Duration.zero
    private var moments = LazyHeap<Timer>()
    private var spans = LazyHeap<Timer>()
    private var momentCount = 0
    private var spanCount = 0

    init(silence: Duration, start: Timestamp) {
        self.silence = silence
        self.start = start
    }

    /// Takes note that the wall clock was set ahead, or back.
    mutating func clockWasSet(by change: Duration) { offset += change }

    /// The earliest moment of the wall clock at which something is due.
    mutating func next(in records: JobRecords) -> Timestamp? {
        let moment = moments.first { $0.isCurrent(in: records) }?.at
        let span = spans.first { $0.isCurrent(in: records) }.map { $0.at + offset }
        return if let moment, let span { min(moment, span) } else { moment ?? span }
    }

    /// A job for which something is due, nil when there is none left.
    mutating func takeDue(at now: Timestamp, in records: JobRecords) -> Job? {
        if let moment = moments.first(where: { $0.isCurrent(in: records) }), moment.at <= now {
            moments.removeFirst()
            return records[moment.jobId]?.job
        }
        while let timer = spans.first(where: { $0.isCurrent(in: records) }), timer.at + offset <= now {
            spans.removeFirst()
            guard let job = records[timer.jobId]?.job else { continue }
            // Other rules may be in force than when it was put in.
            let again = Timer(since: timer.since, span: span(of: job), cause: timer.cause, job: job)
            if again.at + offset <= now { return job }
            spans.insert(again)
        }
        return nil
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard let cause = job.timerCause else { return }
        switch cause {
        case .runAt(let moment):
            momentCount += 1
            moments.insert(Timer(since: moment, span: .zero, cause: cause, job: job))
        case .again(let moment):
            spanCount += 1
            spans.insert(Timer(since: moment + (.zero - offset), span: .zero, cause: cause, job: job))
        case .silence(let heardAt):
            spanCount += 1
            let since = max(heardAt + (.zero - offset), start)
            spans.insert(Timer(since: since, span: span(of: job), cause: cause, job: job))
        }
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard let cause = job.timerCause else { return }
        if cause.isMoment {
            momentCount -= 1
            moments.sweep(live: momentCount) { $0.isCurrent(in: records) }
        } else {
            spanCount -= 1
            spans.sweep(live: spanCount) { $0.isCurrent(in: records) }
        }
    }

    mutating func shrink() {
        moments.shrink()
        spans.shrink()
    }

    /// How long the application that runs a job may be silent; the wait for another attempt ends at a known moment.
    private func span(of job: Job) -> Duration {
        guard job.status == .processing else { return .zero }
        return job.leaseSeconds.map { .seconds($0) } ?? silence
    }
}

/// Something that is to happen to a job.
///
/// A moment of the wall clock; one of a span is what it would be had the clock never been set.
private struct Timer: Comparable, Sendable {
    let since: Timestamp
    let at: Timestamp
    let cause: TimerCause
    let number: Int64
    let jobId: JobID

    init(since: Timestamp, span: Duration, cause: TimerCause, job: Job) {
        self.since = since
        at = since + span
        self.cause = cause
        number = job.number
        jobId = job.jobId
    }

    func isCurrent(in records: JobRecords) -> Bool { records[jobId]?.job?.timerCause == cause }

    static func < (left: Timer, right: Timer) -> Bool { (left.at, left.number) < (right.at, right.number) }
}

/// Why something becomes due, and the fact of the job from which it follows when.
private enum TimerCause: Hashable, Sendable {
    /// The moment that its sender named.
    case runAt(Timestamp)
    /// The wait after a failure is over.
    case again(Timestamp)
    /// Its application was heard last at this moment.
    case silence(since: Timestamp)

    var isMoment: Bool { if case .runAt = self { true } else { false } }
}

extension Job {
    /// A job waits for one thing at a time.
    fileprivate var timerCause: TimerCause? {
        switch status {
        case .scheduled: runAt.map { attempt == 0 ? .runAt($0) : .again($0) }
        case .processing: runner == .application ? .silence(since: heardAt ?? updatedAt) : nil
        case .pending, .queued, .completed, .failed, .cancelled: nil
        }
    }
}
