package import JobModel

/// The fields of a list request; the cursor is still what the client sent.
package struct JobQueryFields: Hashable, Sendable {
    /// Empty means every state.
    package var statuses: Set<JobStatus> = []
    /// Nil: of every queue.
    package var queue: String?
    /// Nil: of every type.
    package var jobType: String?
    /// What is looked for in ids, names and messages; nil: anything.
    package var text: String?
    /// Whose; nil for all that the caller may see.
    package var owner: String?
    /// Created at this moment or later.
    package var createdSince: Timestamp?
    /// Created before this moment.
    package var createdBefore: Timestamp?
    /// By creation; otherwise the newest come first.
    package var isOldestFirst = false
    /// 1 to 500.
    package var limit = 50
    /// Behind which the page begins; nil: the first page.
    package var cursor: JobCursor?
}
