import JobModel
import JobWire
import NIOCore

/// What is durable, ready to be sent: each job's record, and its encoded form where somebody asked for it lately.
///
/// Holds every active job, and the final ones and tombstones that were used last.
struct CommittedImage {
    struct Entry {
        let record: JobRecord
        /// The encoded job; empty until it is read, when others were read since, and for tombstones.
        var json: ByteBuffer
    }

    private var entries = JobTable<Entry>()
    private var guests = Guests<JobID>()
    /// Those with an encoded form: a million waiting jobs are not to be kept twice.
    private var encoded = Guests<JobID>()

    var records: some Sequence<JobRecord> { entries.values.lazy.map(\.record) }

    func record(_ id: JobID) -> JobRecord? { entries[id]?.record }

    /// The encoded job, nil when the image has none.
    mutating func json(_ id: JobID) -> ByteBuffer? {
        guard let entry = entries[id] else { return nil }
        if entry.json.readableBytes > 0 { return entry.json }
        guard case .job(let job) = entry.record else { return nil }
        let json = ByteBuffer(bytes: job.encoded())
        entries[id]?.json = json
        encoded.add(id)
        while let cold = encoded.removeSurplus() { entries[cold]?.json = ByteBuffer() }
        return json
    }

    /// Puts a record in place of whatever is there.
    mutating func set(_ record: JobRecord) {
        entries[record.jobId] = Entry(record: record, json: ByteBuffer())
        if record.isActive { guests.remove(record.jobId) } else { guests.add(record.jobId) }
    }

    mutating func remove(_ id: JobID) {
        entries[id] = nil
        guests.remove(id)
    }

    /// Makes a job that nobody needs any more one of those that may go.
    mutating func release(_ id: JobID) {
        if let record = entries[id]?.record, !record.isActive { guests.add(id) }
    }

    /// Gives back the memory of jobs that have left.
    mutating func shrink() { entries.shrink() }

    /// Drops the oldest guests over the limit.
    ///
    /// Those that are needed stay until ``release(_:)``; those that somebody does not let go are the newest then.
    mutating func evict(isNeeded: (JobID) -> Bool, letGo: (JobID) -> Bool) {
        for _ in 0..<guests.surplus {
            guard let id = guests.removeSurplus() else { return }
            if isNeeded(id) { continue }
            if letGo(id) { entries[id] = nil } else { guests.add(id) }
        }
    }
}
