extension Job {
    /// What is to be done, for whom, and under which terms.
    package struct Asked: Hashable, Sendable {
        /// What is to be done; as a rule the name of a pipeline, of at most ``Limits/jobTypeBytes``.
        package let jobType: String
        /// Whose job it is, from its making on; nil for nobody's.
        package let owner: String?
        /// Whose quota it uses up; nil for one that counts in the totals only.
        package let account: Account?
        /// In whose slots it runs; one that the configuration has lost since has a single slot.
        package let queue: String
        /// −100 to 100; a higher one gets its slot earlier.
        package var priority: Int
        /// The job is tried again while ``Job/Runs/countedAttempts`` is below this; at least 1.
        package let maxAttempts: Int
        /// What was asked beside the work: limits, keys, and what it waits for.
        @Boxed package var terms: JobTerms

        /// Takes everything as it is; terms that ask for nothing take no room.
        package init(
            jobType: String, owner: String? = nil, account: Account? = nil, queue: String, priority: Int = 0,
            maxAttempts: Int = 1, terms: JobTerms = .usual
        ) {
            self.jobType = jobType
            self.owner = owner
            self.account = account
            self.queue = queue
            self.priority = priority
            self.maxAttempts = maxAttempts
            self.terms = terms
        }
    }
}
