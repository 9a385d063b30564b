package import JobModel

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
