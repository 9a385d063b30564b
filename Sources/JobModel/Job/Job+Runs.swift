extension Job {
    /// How often it was started, and how that went.
    package struct Runs: Usual, Sendable {
        /// The number of the last start: rises with each, across retries too, and is never given twice; nil before the first.
        package var last: Int64?
        /// Starts so far, those after a crash included; 0 before the first, and again after a retry.
        package var attempt: Int
        /// Starts that were lost: the daemon or its machine went without a word.
        package var crashes: Int
        /// Starts that were given back: the daemon was stopped while the job ran.
        package var releases: Int
        /// Those before the present one, oldest first; the last ``Limits/keptRuns``.
        package var earlier: [EarlierAttempt]

        package init(
            last: Int64? = nil, attempt: Int = 0, crashes: Int = 0, releases: Int = 0, earlier: [EarlierAttempt] = []
        ) {
            self.last = last
            self.attempt = attempt
            self.crashes = crashes
            self.releases = releases
            self.earlier = earlier
        }

        /// Those of a job that was never started.
        package static let usual = Runs()

        /// Starts that neither a crash nor a stop took.
        package var countedAttempts: Int { attempt - crashes - releases }
    }
}
