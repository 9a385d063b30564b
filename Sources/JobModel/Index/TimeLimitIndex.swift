/// When the time of jobs is over that have limits.
///
/// Limits are spans: they go on as time passes, whatever the wall clock is set to meanwhile.
struct TimeLimitIndex: JobIndex {
    private var clock = ClockChanges()
    private var entries = LazyHeap<Entry>()
    private var count = 0

    private struct Entry: Comparable, Sendable {
        /// What the moment would be had the clock never been set.
        let at: Timestamp
        let limit: RunningLimit
        let number: Int64
        let jobId: JobID

        func isCurrent(in records: JobRecords) -> Bool { records[jobId]?.job?.nextLimit == limit }

        static func < (left: Entry, right: Entry) -> Bool { (left.at, left.number) < (right.at, right.number) }
    }

    /// Takes note that the wall clock was set ahead, or back.
    mutating func clockWasSet(by change: Duration, at now: Timestamp) { clock.add(change, at: now) }

    /// The earliest moment of the wall clock at which somebody's time is over.
    mutating func next(in records: JobRecords) -> Timestamp? {
        entries.first { $0.isCurrent(in: records) }.map { $0.at + clock.total }
    }

    /// A job whose time is over, and which limit it broke; nil when there is none left.
    mutating func takeDue(at now: Timestamp, in records: JobRecords) -> (job: Job, limit: RunningLimit)? {
        guard let entry = entries.first(where: { $0.isCurrent(in: records) }), entry.at + clock.total <= now,
            let job = records[entry.jobId]?.job
        else { return nil }
        entries.removeFirst()
        return (job, entry.limit)
    }

    mutating func add(_ job: Job, among records: JobRecords) {
        guard let limit = job.nextLimit else { return }
        count += 1
        entries.insert(
            Entry(at: clock.undone(limit.since) + limit.span, limit: limit, number: job.number, jobId: job.jobId))
    }

    mutating func remove(_ job: Job, among records: JobRecords) {
        guard job.nextLimit != nil else { return }
        count -= 1
        entries.sweep(live: count) { $0.isCurrent(in: records) }
    }

    mutating func shrink() { entries.shrink() }
}

/// A time limit that a job is under now.
struct RunningLimit: Hashable, Sendable {
    let kind: TimeLimits.Kind
    let since: Timestamp
    let span: Duration
}

extension Job {
    /// The limit that ends first as things are; nil when none does.
    ///
    /// What jobd runs itself is ended by the processing, which knows when nothing of it is left.
    var nextLimit: RunningLimit? {
        guard !asked.terms.timeouts.isEmpty, !status.isFinal, !(status == .processing && lease.runner == .jobd) else {
            return nil
        }
        let limits = TimeLimits.Kind.allCases.compactMap { kind -> RunningLimit? in
            guard let span = asked.terms.timeouts[kind], let since = beginning(of: kind) else { return nil }
            return RunningLimit(kind: kind, since: since, span: span)
        }
        return limits.min { $0.since + $0.span < $1.since + $1.span }
    }

    /// When the present part of a life began that a limit is for; nil when it is not in it.
    private func beginning(of kind: TimeLimits.Kind) -> Timestamp? {
        switch kind {
        case .queued: status == .queued ? times.queuedAt ?? times.updatedAt : nil
        case .running: status == .processing ? times.startedAt : nil
        case .silence: status == .processing ? lease.heardAt ?? times.startedAt : nil
        case .total: beganAt
        }
    }

    /// When its present life began: when it was made, or retried.
    package var beganAt: Timestamp { times.retriedAt ?? times.createdAt }
}
