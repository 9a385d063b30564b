package import JSON

/// Jobs that were made together, and what has become of them.
package struct JobBatch: Hashable, Sendable {
    /// `open` until its last job has ended; `failed` when one of them did not complete.
    package enum Status: String, Hashable, Sendable {
        case open, completed, failed
    }

    /// Its id for everybody, from its making on.
    package let batchId: BatchID
    /// Nil for nobody's.
    package let owner: String?
    /// When it was decided to make it, with all of its jobs.
    package let createdAt: Timestamp
    /// An object.
    package let metadata: JSONText
    /// Its jobs, those included that were deleted since.
    package let size: Int
    /// The job that waits for all of them.
    package let then: JobID?
    /// Of its jobs, those that have ended, by how.
    package var completed = 0
    /// Those that ended so; see ``completed``.
    package var failed = 0
    /// Those that ended so; see ``completed``.
    package var cancelled = 0
    /// When the last of them ended; nil while one has not.
    package var finishedAt: Timestamp?
    /// Counts stored states.
    package var revision: Int64 = 1

    package init(
        batchId: BatchID, owner: String?, createdAt: Timestamp, metadata: JSONText, size: Int, then: JobID?
    ) {
        self.batchId = batchId
        self.owner = owner
        self.createdAt = createdAt
        self.metadata = metadata
        self.size = size
        self.then = then
    }

    /// Follows from the counts; not stored.
    package var status: Status {
        if finishedAt == nil { return .open }
        return failed == 0 && cancelled == 0 ? .completed : .failed
    }

    /// Jobs that have ended, however.
    package var ended: Int { completed + failed + cancelled }

    /// Counts one of its jobs more or less among those that ended so.
    mutating func count(_ status: JobStatus, by change: Int) {
        switch status {
        case .completed: completed += change
        case .failed: failed += change
        case .cancelled: cancelled += change
        case .pending, .blocked, .scheduled, .queued, .processing: break
        }
    }
}

extension JobBatch {
    var json: JSONValue {
        var object: JSONObject = [
            "createdAt": .string(createdAt.description), "metadata": metadata.value, "size": JSONValue(size),
            "completed": JSONValue(completed), "failed": JSONValue(failed), "cancelled": JSONValue(cancelled),
        ]
        object["owner"] = owner.map { .string($0) }
        object["then"] = then.map { .string($0.description) }
        object["finishedAt"] = finishedAt.map { .string($0.description) }
        return .object(object)
    }

    init?(_ id: BatchID, revision: Int64, json: JSONValue) {
        func count(_ key: String) -> Int? { json[key]?.integer.flatMap { Int(exactly: $0) } }
        guard let createdAt = json["createdAt"]?.string.flatMap(Timestamp.init), let metadata = json["metadata"],
            let size = count("size"), let completed = count("completed"), let failed = count("failed"),
            let cancelled = count("cancelled")
        else { return nil }
        self.init(
            batchId: id, owner: json["owner"]?.string, createdAt: createdAt, metadata: JSONText(metadata), size: size,
            then: json["then"]?.string.flatMap(JobID.init))
        self.completed = completed
        self.failed = failed
        self.cancelled = cancelled
        finishedAt = json["finishedAt"]?.string.flatMap(Timestamp.init)
        self.revision = revision
    }
}
