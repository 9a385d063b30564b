/// How a run went that another has followed, or will follow.
package struct EarlierAttempt: Hashable, Sendable {
    /// The ``Job/Runs/last`` of its start; nil for one from before runs had numbers.
    package let run: Int64?
    /// Its number as people count, from 1; several have the same one after a retry.
    package let attempt: Int
    /// When it got its slot; nil when that was not stored.
    package let startedAt: Timestamp?
    /// When it ended, or when the next daemon found it lost.
    package let finishedAt: Timestamp
    /// Nil when it was given back, or cancelled before anything failed.
    package let error: JobFailure?

    package init(run: Int64?, attempt: Int, startedAt: Timestamp?, finishedAt: Timestamp, error: JobFailure?) {
        self.run = run
        self.attempt = attempt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.error = error
    }
}

extension Job {
    /// Keeps how the present run went, before the job leaves it for the next one.
    ///
    /// `error` is what became of this run; the job's own may be of another.
    mutating func keepRun(endedAt end: Timestamp, error: JobFailure?) {
        // It may have been kept when the job began to wait, and the job was cancelled since.
        guard runs.attempt > 0, runs.last == nil || runs.earlier.last?.run != runs.last else { return }
        let kept = EarlierAttempt(
            run: runs.last, attempt: runs.attempt, startedAt: times.startedAt, finishedAt: end, error: error)
        runs.earlier = runs.earlier.suffix(Limits.keptRuns - 1) + [kept]
    }
}
