import JobModel

/// Jobs that the application runs, by the minute of its last word: one that it has left ends only after days.
struct SilentJobs {
    private var minutes: [JobID: Int64] = [:]
    private var counts: [Int64: Int] = [:]

    /// Takes note of what has become of a job.
    mutating func note(_ record: JobRecord) {
        let minute = Self.lastWord(of: record)?.minute
        guard minute != nil || !minutes.isEmpty else { return }
        guard case let before = minutes[record.jobId], before != minute else { return }
        minutes[record.jobId] = minute
        if let before { count(before, by: -1) }
        if let minute { count(minute, by: 1) }
    }

    private mutating func count(_ minute: Int64, by change: Int) {
        let count = counts[minute, default: 0] + change
        counts[minute] = count == 0 ? nil : count
    }

    /// Nil for a job that the application does not run.
    private static func lastWord(of record: JobRecord) -> Timestamp? {
        guard record.status == .processing, let job = record.job, job.lease.runner == .application else { return nil }
        return job.lease.heardAt ?? job.times.updatedAt
    }

    /// Those that have been silent for an hour; costs as much as there are minutes with such a job.
    func count(at now: Timestamp) -> Int {
        let last = (now + .hours(-1)).minute
        return counts.reduce(0) { $0 + ($1.key < last ? $1.value : 0) }
    }
}

extension Timestamp {
    fileprivate var minute: Int64 { milliseconds / 60_000 }
}
