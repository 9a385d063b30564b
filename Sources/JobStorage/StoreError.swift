package import JobModel

/// Why a store did not do what it was asked.
package enum StoreError: Error, Hashable, Sendable {
    /// No space left; nothing was written and nothing will be, and it may work later.
    case full(String)
    /// Something else stood in the way; nothing was written and nothing will be, and it may work later.
    case unavailable(String)
    /// Of one decision: somebody else changed these records; nothing of it was written. The records as they are now.
    case conflict(Conflict)
    /// Of one decision: the store cannot take it, now or later; nothing of it was written.
    case rejected(String)
    /// Of one record: what is stored under the id cannot be right. Others can be used.
    case damagedRecord(RecordID, reason: String)
    /// It may have been written or not. Once ``JobStore/checkWritable()`` has succeeded, nothing was and nothing will be;
    /// a store that is opened anew has it whole or not at all.
    case unknown(String)
    /// What is stored cannot be right, or cannot be read: the daemon must not go on.
    case damaged(String)
    /// Another daemon owns the store now: this one must not go on.
    case superseded(String)

    /// What a decision met.
    package struct Conflict: Hashable, Sendable {
        /// What the store holds instead of what the decision rested on.
        package var jobs: [JobRecord]
        /// As ``jobs``, of files.
        package var files: [FileRecord]
        /// As ``jobs``, of named records.
        package var named: [NamedRecord]
        /// Ids that an event wanted to change and that have no record.
        package var missing: [RecordID]

        package init(
            jobs: [JobRecord] = [], files: [FileRecord] = [], missing: [RecordID] = [], named: [NamedRecord] = []
        ) {
            self.jobs = jobs
            self.files = files
            self.named = named
            self.missing = missing
        }
    }
}
