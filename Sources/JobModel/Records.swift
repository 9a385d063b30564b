/// What a store keeps under a job's id: the job, or the trace of a deleted one.
///
/// Indirect, so that the map and the committed image share one allocation of each job.
package indirect enum JobRecord: Hashable, Sendable {
    case job(Job)
    case gone(Tombstone)

    /// Under which it is stored.
    package var jobId: JobID {
        switch self {
        case .job(let job): job.jobId
        case .gone(let tombstone): tombstone.jobId
        }
    }

    /// Counts stored states, from 1; a store refuses a change of any other revision than its own.
    package var revision: Int64 {
        switch self {
        case .job(let job): job.revision
        case .gone(let tombstone): tombstone.revision
        }
    }

    /// The state, nil for a tombstone.
    package var status: JobStatus? {
        switch self {
        case .job(let job): job.status
        case .gone: nil
        }
    }

    /// The number of the state for clients; nil for a tombstone.
    var version: Int64? {
        switch self {
        case .job(let job): job.version
        case .gone: nil
        }
    }

    /// Nil for a tombstone, and for a job that has none.
    package var runner: Runner? {
        switch self {
        case .job(let job): job.lease.runner
        case .gone: nil
        }
    }

    /// Whose it is, or was; nil for nobody's.
    package var owner: String? {
        switch self {
        case .job(let job): job.asked.owner
        case .gone(let tombstone): tombstone.owner
        }
    }

    /// Nil for a tombstone.
    package var job: Job? { if case .job(let job) = self { job } else { nil } }

    /// Whether the map must hold it: it may forget final jobs and tombstones.
    package var isActive: Bool { status?.isFinal == false }
}

/// The trace of a deleted job; its id stays taken as long as this is kept (`retention.tombstones`).
package struct Tombstone: Hashable, Sendable {
    /// The id that is taken.
    package let jobId: JobID
    /// Whose job it was; nil for nobody's.
    package let owner: String?
    /// The ``Job/number`` that the job had.
    package let number: Int64
    /// Goes on from the job's.
    package let revision: Int64
    /// The state in which it was deleted.
    package let jobStatus: JobStatus
    /// When the job had ended; nil for one that was deleted before.
    package let finishedAt: Timestamp?
    /// When it was decided to delete it; how long the trace stays counts from here.
    package let goneAt: Timestamp

    package init(
        jobId: JobID, number: Int64, revision: Int64, jobStatus: JobStatus, finishedAt: Timestamp?, goneAt: Timestamp,
        owner: String? = nil
    ) {
        self.jobId = jobId
        self.number = number
        self.revision = revision
        self.jobStatus = jobStatus
        self.finishedAt = finishedAt
        self.goneAt = goneAt
        self.owner = owner
    }
}

/// An uploaded file and how many jobs use it.
package struct FileRecord: Hashable, Sendable {
    /// What jobs show of it; does not change once it is stored.
    package let file: JobFile
    /// Whose upload it is; nil for nobody's.
    package let owner: String?
    /// Whose quota it uses up; nil for one that counts in the totals only.
    package let account: Account?
    /// When its record was decided; how long it stays unused counts from here.
    package let createdAt: Timestamp
    /// Jobs that list the file; it may be deleted at 0.
    package var uses: Int
    /// Counts stored states, as ``Job/revision`` does.
    package var revision: Int64

    package init(
        file: JobFile, createdAt: Timestamp, uses: Int, revision: Int64, owner: String? = nil, account: Account? = nil
    ) {
        self.file = file
        self.owner = owner
        self.account = account
        self.createdAt = createdAt
        self.uses = uses
        self.revision = revision
    }
}
