package import JobModel

/// Where jobs are kept: the seam between the daemon and its databases.
///
/// All rules are in the model; a store keeps records under their ids, whole or not at all, and says when the data would
/// survive the end of the process. Every store passes the same conformance suite.
///
/// Methods may be called from any thread; `commit(_:whenDone:)` by one caller, who waits for `done` before
/// the next; from within `done` he need not wait longer.
package protocol JobStore: Sendable {
    /// Everything that the map must hold from the start: the jobs that are not final.
    ///
    /// - Throws: ``StoreError/damaged(_:)``, ``StoreError/unavailable(_:)``.
    func load() async throws(StoreError) -> Snapshot

    /// Writes events and everything they imply, or nothing; returns at once.
    ///
    /// Not asynchronous in the language's way: every change of every job waits for its turn here, and each
    /// change of the executor would be added to the time of each commit.
    ///
    /// - Parameters:
    ///   - events: In the order in which the map made them; an id may occur several times.
    ///   - done: Called once, on any thread, when the data would survive a power cut, or with ``StoreError/full(_:)`` or
    ///     ``StoreError/unavailable(_:)`` when nothing was written and trying again may help, ``StoreError/conflict(_:)``
    ///     when a record is not at the revision that an event replaces, ``StoreError/damaged(_:)`` when the store can no
    ///     longer be trusted.
    func commit(_ events: [Event], whenDone done: @escaping @Sendable (Result<Void, StoreError>) -> Void)

    /// Writes what changes nothing, as durably as a commit: whether the store takes changes at all.
    ///
    /// - Throws: As a commit.
    func checkWritable() async throws(StoreError)

    /// The record of an id, nil when it never existed.
    func record(_ id: JobID) async throws(StoreError) -> JobRecord?

    /// The records of those files that exist, in no order.
    func files(_ ids: [FileID]) async throws(StoreError) -> [FileRecord]

    /// Up to `limit` files that no job uses and that came before a moment, in no order.
    func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID]

    /// Up to `limit` jobs that ended before a moment, or are pending without input and unchanged since another; in no order.
    func expiredJobs(
        endedBefore: Timestamp, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID]

    /// Gives some of the space that nothing occupies any more back to the system, in a short time.
    ///
    /// - Returns: Whether there is more.
    func reclaimSpace() async throws(StoreError) -> Bool

    /// A page of jobs, newest first: by `createdAt`, then by order of creation.
    func list(_ query: JobQuery) async throws(StoreError) -> JobPage

    /// Up to `limit` lines with a number above `number`, in order.
    func lines(of id: JobID, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]

    /// How much there is.
    func totals() async throws(StoreError) -> StoreTotals

    /// Ends all use. Nothing may be called afterwards.
    func close() async
}

/// How much a store holds.
package struct StoreTotals: Hashable, Sendable {
    /// A queue's jobs in one state.
    package struct Place: Hashable, Sendable {
        package let queue: String
        package let status: JobStatus

        package init(queue: String, status: JobStatus) {
            self.queue = queue
            self.status = status
        }

        /// Nil for a tombstone.
        fileprivate init?(_ record: JobRecord) {
            guard case .job(let job) = record else { return nil }
            self.init(queue: job.queue, status: job.status)
        }
    }

    /// A place without jobs may be missing.
    package var jobs: [Place: Int]
    package var files: Int
    package var fileBytes: Int64

    package init(jobs: [Place: Int] = [:], files: Int = 0, fileBytes: Int64 = 0) {
        self.jobs = jobs
        self.files = files
        self.fileBytes = fileBytes
    }

    /// The jobs of all queues in one state.
    package func count(of status: JobStatus) -> Int { jobs.reduce(0) { $0 + ($1.key.status == status ? $1.value : 0) } }

    /// Counts an event that is durable.
    package mutating func count(_ event: Event) {
        switch event {
        case .job(let event):
            // A job's queue never changes.
            guard event.before?.status != event.after.status else { return }
            if let place = event.before.flatMap(Place.init) { jobs[place, default: 0] -= 1 }
            if let place = Place(event.after) { jobs[place, default: 0] += 1 }
        case .file(let event):
            files += (event.after == nil ? 0 : 1) - (event.before == nil ? 0 : 1)
            fileBytes += (event.after?.file.size ?? 0) - (event.before?.file.size ?? 0)
        case .queue: break
        }
    }
}

/// What the map starts from.
package struct Snapshot: Sendable {
    /// Every job that is not final, in order of creation.
    package var jobs: [Job]
    package var pausedQueues: [String]
    /// Above the number of every job that ever was.
    package var nextNumber: Int64

    package init(jobs: [Job] = [], pausedQueues: [String] = [], nextNumber: Int64 = 1) {
        self.jobs = jobs
        self.pausedQueues = pausedQueues
        self.nextNumber = nextNumber
    }
}

/// Which jobs a list shall have.
package struct JobQuery: Hashable, Sendable {
    /// Empty means every state.
    package var statuses: Set<JobStatus>
    package var queue: String?
    package var jobType: String?
    /// Begins the id, or is contained in a file's name or the message (letters of either case).
    package var text: String?
    /// 1 to 500.
    package var limit: Int
    /// The page begins after this job.
    package var after: Position?

    /// A place in the list that stays where it is when jobs are added.
    package struct Position: Hashable, Sendable {
        package let createdAt: Timestamp
        package let number: Int64

        package init(createdAt: Timestamp, number: Int64) {
            self.createdAt = createdAt
            self.number = number
        }
    }

    package init(
        statuses: Set<JobStatus> = [], queue: String? = nil, jobType: String? = nil, text: String? = nil,
        limit: Int = 50, after: Position? = nil
    ) {
        self.statuses = statuses
        self.queue = queue
        self.jobType = jobType
        self.text = text
        self.limit = limit
        self.after = after
    }
}

package struct JobPage: Sendable {
    package var jobs: [Job]
    /// Where the next page begins; nil at the end.
    package var next: JobQuery.Position?

    package init(jobs: [Job], next: JobQuery.Position?) {
        self.jobs = jobs
        self.next = next
    }
}

/// Why a store did not do what it was asked.
package enum StoreError: Error, Hashable, Sendable {
    /// No space left; nothing was written, and it may work later.
    case full(String)
    /// Something else stood in the way; nothing was written, and it may work later.
    case unavailable(String)
    /// Somebody else changed these jobs or files; nothing was written. Their records as they are now.
    case conflict(Conflict)
    /// What is stored cannot be right, or cannot be read: the daemon must not go on.
    case damaged(String)

    package struct Conflict: Hashable, Sendable {
        package var jobs: [JobRecord]
        package var files: [FileRecord]
        /// Ids that an event wanted to change and that have no record.
        package var missingJobs: [JobID]
        package var missingFiles: [FileID]

        package init(
            jobs: [JobRecord] = [], files: [FileRecord] = [], missingJobs: [JobID] = [], missingFiles: [FileID] = []
        ) {
            self.jobs = jobs
            self.files = files
            self.missingJobs = missingJobs
            self.missingFiles = missingFiles
        }
    }
}
