package import JobModel

/// A job that has ended, as far as matters for how long it stays.
package struct EndedJob: Hashable, Sendable {
    /// Whose end it was.
    package let jobId: JobID
    /// Of its files and artifacts.
    package let bytes: Int64

    package init(jobId: JobID, bytes: Int64) {
        self.jobId = jobId
        self.bytes = bytes
    }

    /// Nil for a job that has not ended.
    package init?(_ job: Job) {
        guard job.status.isFinal else { return nil }
        self.init(jobId: job.jobId, bytes: job.storedBytes)
    }
}
