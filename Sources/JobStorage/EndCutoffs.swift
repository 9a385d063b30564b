package import JobModel

/// Before which moment jobs must have ended to be removed.
package struct EndCutoffs: Hashable, Sendable {
    /// By how they ended.
    package var statuses: [JobStatus: Timestamp]
    /// By their type, in the place of that.
    package var types: [String: Timestamp]

    /// One moment for jobs of every type and state.
    package init(_ moment: Timestamp) {
        statuses = [.completed: moment, .failed: moment, .cancelled: moment]
        types = [:]
    }

    /// What the rules say at a moment.
    package init(_ rules: Rules, at now: Timestamp) {
        self.init(now)
        for status in statuses.keys { statuses[status] = now + (.zero - rules.retention.span(after: status)) }
        types = rules.pipelines.compactMapValues { $0.retention.map { now + (.zero - $0) } }
    }

    /// The latest of all.
    package var latest: Timestamp {
        (Array(statuses.values) + types.values).max() ?? Timestamp(milliseconds: 0)
    }

    /// Whether a job ended before the moment that holds for its type, or else for its status; never one that has not ended.
    package func includes(_ job: Job) -> Bool {
        guard let end = job.times.finishedAt, let cutoff = types[job.asked.jobType] ?? statuses[job.status] else {
            return false
        }
        return end < cutoff
    }
}
