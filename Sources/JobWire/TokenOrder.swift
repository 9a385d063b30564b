package import JobModel

/// What a token shall say; it ends after `seconds`, or as late as it may.
package struct TokenOrder: Hashable, Sendable {
    /// What may be asked for; the configuration allows less, as a rule.
    package static let seconds: ClosedRange<Int64> = 1...(10 * 366 * 86_400)

    /// Whose jobs its holder makes and sees; nil: nobody's.
    package var owner: String?
    /// The one job that it is for; nil: for all that it lets its holder see.
    package var job: JobID?
    /// Nil: what fits to owner and job.
    package var scope: Set<Right>?
    /// From its making on; nil: an hour, or less where less is allowed.
    package var seconds: Int64?

    package init(owner: String? = nil, job: JobID? = nil, scope: Set<Right>? = nil, seconds: Int64? = nil) {
        self.owner = owner
        self.job = job
        self.scope = scope
        self.seconds = seconds
    }
}
