package import JobModel

/// A request's method and parameters, checked.
package enum Call: Hashable, Sendable {
    /// Everything that changes jobs, files or queues.
    case command(Command)
    case getJob(JobID, since: Int64, wait: Duration)
    case listJobs(JobQueryFields)
    /// Nil for `jobIds` means all jobs, of one queue if it is given; their versions in `since` are known already.
    case watch(jobIds: [JobID]?, queue: String?, since: [JobID: Int64])
    case unwatch(Int)
    case readLog(JobID, after: Int64, limit: Int)
    case beginFile(name: String)
    case appendFile(FileID, [UInt8])
    case commitFile(FileID, sha256: String?)
    case getFile(FileID)
    /// At most `limit` bytes from `offset`; without a limit only the description.
    case getArtifact(JobID, ArtifactName, offset: Int64, limit: Int)
    case listQueues
    case getStats
    /// How many streams a front has open.
    case reportFront(streams: Int)
    case serverStatus
    case reloadServer
    case discover
}

/// The fields of a list request; the cursor is still what the client sent.
package struct JobQueryFields: Hashable, Sendable {
    /// Empty means every state.
    package var statuses: Set<JobStatus> = []
    package var queue: String?
    package var jobType: String?
    package var text: String?
    /// 1 to 500.
    package var limit = 50
    package var cursor: JobCursor?
}

/// Where a page of a list begins: after a job with this moment and number of creation; opaque to clients.
package struct JobCursor: Hashable, Sendable, CustomStringConvertible {
    package let createdAt: Timestamp
    package let number: Int64

    package init(createdAt: Timestamp, number: Int64) {
        self.createdAt = createdAt
        self.number = number
    }

    package var description: String { "\(createdAt.milliseconds)-\(number)" }

    /// Nil when the text is no cursor.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let milliseconds = parts[0], let number = parts[1] else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), number: number)
    }
}
