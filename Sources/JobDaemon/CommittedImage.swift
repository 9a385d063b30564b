import JobModel
import JobWire
import NIOCore

/// What is durable, ready to be sent: each job's record, and its encoded form where somebody asked for it lately.
///
/// Holds every active job, and the final ones and tombstones that were used last.
struct CommittedImage {
    private var shown = JobRecords()
    private var recent = RecentlyUsed<JobID>()
    /// Encoded jobs that were read lately: a million waiting jobs are not to be kept twice.
    private var encoded: [JobID: ByteBuffer] = [:]
    /// In the order in which they were read.
    private var read = RecentlyUsed<JobID>()

    var records: some Sequence<JobRecord> { shown.values }

    func record(_ id: JobID) -> JobRecord? { shown[id] }

    /// The encoded form of a state, if it is the one that is shown and somebody has read it.
    func known(_ record: JobRecord) -> ByteBuffer? {
        guard let json = encoded[record.jobId], shown[record.jobId]?.revision == record.revision else { return nil }
        return json
    }

    /// The encoded job, which is kept; nil when the image has none.
    mutating func json(_ id: JobID) -> ByteBuffer? {
        if let json = encoded[id] { return json }
        guard case .job(let job)? = shown[id] else { return nil }
        let json = ByteBuffer(bytes: job.encoded())
        encoded[id] = json
        read.add(id)
        while let cold = read.removeSurplus() { encoded[cold] = nil }
        return json
    }

    /// Puts a record in place of whatever is there.
    mutating func set(_ record: JobRecord) {
        shown[record.jobId] = record
        noteChange(to: record)
    }

    /// Puts a record in place of an earlier one; false when what is there is later.
    mutating func update(to record: JobRecord) -> Bool {
        // One look for both: it is done for every change of a job.
        guard shown[record.jobId].update(to: record) else { return false }
        noteChange(to: record)
        return true
    }

    private mutating func noteChange(to record: JobRecord) {
        let id = record.jobId
        forgetEncoded(id)
        if record.isActive { recent.remove(id) } else { recent.add(id) }
    }

    mutating func remove(_ id: JobID) {
        shown[id] = nil
        forgetEncoded(id)
        recent.remove(id)
    }

    /// Makes a job that nobody needs any more one of those that may go.
    mutating func release(_ id: JobID) {
        if let record = shown[id], !record.isActive { recent.add(id) }
    }

    /// Gives back the memory of jobs that have left.
    mutating func shrink() { shown.shrink() }

    /// Drops the oldest over the limit.
    ///
    /// Those that are needed stay until ``release(_:)``; those that somebody does not let go are the newest then.
    mutating func evict(isNeeded: (JobID) -> Bool, letGo: (JobID) -> Bool) {
        for _ in 0..<recent.surplus {
            guard let id = recent.removeSurplus() else { return }
            if isNeeded(id) { continue }
            guard letGo(id) else {
                recent.add(id)
                continue
            }
            shown[id] = nil
            forgetEncoded(id)
        }
    }

    private mutating func forgetEncoded(_ id: JobID) {
        guard !encoded.isEmpty, encoded.removeValue(forKey: id) != nil else { return }
        read.remove(id)
    }
}

extension JobRecord? {
    /// Takes on a state unless it has a later one; returns whether it did.
    fileprivate mutating func update(to record: JobRecord) -> Bool {
        if let self, self.revision > record.revision { return false }
        self = record
        return true
    }
}
