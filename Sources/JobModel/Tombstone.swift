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
