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
