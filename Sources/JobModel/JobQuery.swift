/// Which jobs a list shall have.
package struct JobQuery: Hashable, Sendable {
    /// A page ends before its jobs are larger than about this together, but has at least one.
    package static let byteLimit = 1024 * 1024

    /// Empty means every state.
    package var statuses: Set<JobStatus>
    /// Nil: of every queue.
    package var queue: String?
    /// Nil: of every type.
    package var jobType: String?
    /// Begins the id, or is contained in a file's name, the message or the error's message, as `SearchText` compares.
    package var text: String?
    /// Whose; nil: everybody's.
    package var owner: String?
    /// Created at this moment or later.
    package var createdSince: Timestamp?
    /// Created before this moment.
    package var createdBefore: Timestamp?
    /// Jobs that ended before this alone.
    package var endedBefore: Timestamp?
    /// By creation; otherwise the newest come first.
    package var isOldestFirst = false
    /// 1 to 500.
    package var limit: Int
    /// The page begins after this job.
    package var after: Position?

    /// A place in the list that stays where it is when jobs are added.
    package struct Position: Hashable, Sendable {
        /// Of the last job that was shown; lists begin with the newest.
        package let createdAt: Timestamp
        /// The number of that job, which tells those of one moment apart.
        package let number: Int64

        package init(createdAt: Timestamp, number: Int64) {
            self.createdAt = createdAt
            self.number = number
        }

        /// Where a job stands in lists.
        package init(_ job: Job) { self.init(createdAt: job.times.createdAt, number: job.number) }
    }

    package init(
        statuses: Set<JobStatus> = [], queue: String? = nil, jobType: String? = nil, text: String? = nil,
        endedBefore: Timestamp? = nil, limit: Int = 50, after: Position? = nil
    ) {
        self.statuses = statuses
        self.queue = queue
        self.jobType = jobType
        self.text = text
        self.endedBefore = endedBefore
        self.limit = limit
        self.after = after
    }
}
