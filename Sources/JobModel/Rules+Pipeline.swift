extension Rules {
    /// Who may make the jobs of a pipeline.
    package enum Creators: String, Hashable, Sendable, CaseIterable {
        case anybody
        /// Whoever has an owner's name, and operators.
        case owners
        case operators
    }

    /// What a pipeline says about its jobs.
    package struct Pipeline: Hashable, Sendable {
        /// Who runs its jobs.
        package enum Work: String, Hashable, Sendable, CaseIterable {
            /// The daemon's own processor.
            case jobd
            /// Programs that ask for them.
            case workers
        }

        /// Where its jobs wait that do not say it themselves.
        package var queue: String
        /// Who runs its jobs; a change holds for jobs that start later.
        package var work: Work
        /// Whether its jobs run programs here, which need rooms where steps have rooms.
        package var runsPrograms: Bool
        /// The report with which a run here begins if the job has no message; nil where that depends on the job's files.
        package var opening: Report?
        /// Starts of a job that does not say it itself; one of ``Limits/maxAttempts``.
        package var maxAttempts: Int
        /// The wait before the second attempt; doubles with each further one.
        package var retryDelay: Duration
        /// No wait between attempts is longer, whatever it has doubled to.
        package var maximumRetryDelay: Duration
        /// Who may make its jobs; a change holds for jobs that are made later.
        package var createdBy: Creators
        /// Of each of its jobs; a job may ask for less, not for more.
        package var timeouts: TimeLimits
        /// How long its jobs stay after their end; nil: as ``Retention`` says.
        package var retention: Duration?

        package init(
            queue: String = "default", work: Work = .jobd, runsPrograms: Bool = true, opening: Report? = nil,
            maxAttempts: Int = 1, retryDelay: Duration = .seconds(5), maximumRetryDelay: Duration = .hours(1),
            createdBy: Creators = .anybody, timeouts: TimeLimits = TimeLimits(), retention: Duration? = nil
        ) {
            self.queue = queue
            self.work = work
            self.runsPrograms = runsPrograms
            self.opening = opening
            self.maxAttempts = maxAttempts
            self.retryDelay = retryDelay
            self.maximumRetryDelay = maximumRetryDelay
            self.createdBy = createdBy
            self.timeouts = timeouts
            self.retention = retention
        }
    }
}
