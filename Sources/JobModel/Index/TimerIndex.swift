/// What becomes due by itself, and when.
///
/// A job's first start (`runAt`, `delaySeconds`) follows the wall clock. Everything else is a span, which goes on as time
/// passes, whatever the wall clock is set to meanwhile.
struct TimerIndex: JobIndex {
    /// How long an application without a lease may be silent.
    private var applicationSilence: Duration
    /// How long a worker that holds a job by its connection may take to come back.
    private var reconnect: Duration
    /// When the map began: nobody was able to report before, so spans of silence begin then at the earliest.
    let start: Timestamp
    private var clock = ClockChanges()
    private var moments = LazyHeap<Timer>()
    private var spans = LazyHeap<Timer>()
    private var momentCount = 0
    private var spanCount = 0

    init(applicationSilence: Duration, reconnect: Duration, start: Timestamp) {
        self.applicationSilence = applicationSilence
        self.reconnect = reconnect
        self.start = start
    }

    /// Takes note that the wall clock was set ahead, or back.
    mutating func clockWasSet(by change: Duration, at now: Timestamp) { clock.add(change, at: now) }

    /// Other spans are in force from now on, for those too who run already.
    mutating func setSpans(applicationSilence: Duration, reconnect: Duration, in records: JobRecords) {
        guard self.applicationSilence != applicationSilence || self.reconnect != reconnect else { return }
        (self.applicationSilence, self.reconnect) = (applicationSilence, reconnect)
        var timers = LazyHeap<Timer>()
        while let timer = spans.first(where: { $0.isCurrent(in: records, start) }) {
            spans.removeFirst()
            guard let job = records[timer.jobId]?.job else { continue }
            timers.insert(Timer(since: timer.since, span: span(of: timer.cause, job), cause: timer.cause, job: job))
        }
        spans = timers
    }

    /// Whether somebody was heard last before the map began; nil is never.
    func isBeforeStart(_ heardAt: Timestamp?) -> Bool { (heardAt ?? Timestamp(milliseconds: .min)) < start }

    /// The earliest moment of the wall clock at which something is due.
    mutating func next(in records: JobRecords) -> Timestamp? {
        let moment = moments.first { $0.isCurrent(in: records, start) }?.at
        let span = spans.first { $0.isCurrent(in: records, start) }.map { $0.at + clock.total }
        return if let moment, let span { min(moment, span) } else { moment ?? span }
    }

    /// A job for which something is due, and what; nil when there is none left.
    mutating func takeDue(at now: Timestamp, in records: JobRecords) -> (job: Job, kind: TimerKind)? {
        if let moment = moments.first(where: { $0.isCurrent(in: records, start) }), moment.at <= now {
            moments.removeFirst()
            return records[moment.jobId]?.job.map { ($0, moment.cause.kind) }
        }
        while let timer = spans.first(where: { $0.isCurrent(in: records, start) }), timer.at + clock.total <= now {
            spans.removeFirst()
            if let job = records[timer.jobId]?.job { return (job, timer.cause.kind) }
        }
        return nil
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard let cause = job.timerCause(start) else { return }
        if cause.kind.isMoment {
            momentCount += 1
            moments.insert(Timer(since: cause.fact, span: .zero, cause: cause, job: job))
        } else {
            spanCount += 1
            let fact = clock.undone(cause.fact)
            let since = cause.kind.waitsForAWord ? max(fact, start) : fact
            spans.insert(Timer(since: since, span: span(of: cause, job), cause: cause, job: job))
        }
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard let cause = job.timerCause(start) else { return }
        if cause.kind.isMoment {
            momentCount -= 1
            moments.sweep(live: momentCount) { $0.isCurrent(in: records, start) }
        } else {
            spanCount -= 1
            spans.sweep(live: spanCount) { $0.isCurrent(in: records, start) }
        }
    }

    mutating func shrink() {
        moments.shrink()
        spans.shrink()
    }

    /// How long it takes from the fact on; the wait for another attempt ends at a known moment.
    private func span(of cause: TimerCause, _ job: Job) -> Duration {
        switch cause.kind {
        case .start, .again: .zero
        case .applicationSilence: job.lease.seconds.map { .seconds($0) } ?? applicationSilence
        case .lease: .seconds(job.lease.seconds ?? 0)
        case .reconnect: reconnect
        }
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

    func isCurrent(in records: JobRecords, _ start: Timestamp) -> Bool {
        records[jobId]?.timerCause(start) == cause
    }

    static func < (left: Timer, right: Timer) -> Bool { (left.at, left.number) < (right.at, right.number) }
}
