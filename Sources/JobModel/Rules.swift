/// What decisions depend on besides the jobs: the part of the configuration that the map knows.
package struct Rules: Hashable, Sendable {
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
            queue: String = "default", work: Work = .jobd, runsPrograms: Bool = true, maxAttempts: Int = 1,
            retryDelay: Duration = .seconds(5),
            maximumRetryDelay: Duration = .hours(1), createdBy: Creators = .anybody,
            timeouts: TimeLimits = TimeLimits(), retention: Duration? = nil
        ) {
            self.queue = queue
            self.work = work
            self.runsPrograms = runsPrograms
            self.maxAttempts = maxAttempts
            self.retryDelay = retryDelay
            self.maximumRetryDelay = maximumRetryDelay
            self.createdBy = createdBy
            self.timeouts = timeouts
            self.retention = retention
        }
    }

    /// How the slots of a queue are shared.
    package struct Sharing: Hashable, Sendable {
        /// Among whom slots go round, of jobs with one priority.
        package enum Fairness: String, Hashable, Sendable, CaseIterable {
            case owner, key, none
        }

        /// Between whom slots are shared in turn, among jobs of one priority.
        package var fair: Fairness
        /// The most jobs with one limit key that run; nil: as many as the queue has slots.
        package var perKey: Int?

        package init(fair: Fairness = .owner, perKey: Int? = nil) {
            self.fair = fair
            self.perKey = perKey
        }
    }

    /// How long things stay.
    package struct Retention: Hashable, Sendable {
        /// Ended jobs, after their end.
        package var ended: Duration
        /// Those that ended so; nil: as ``ended`` says.
        package var completed: Duration?
        /// As ``completed``, for jobs that failed.
        package var failed: Duration?
        /// As ``completed``, for jobs that were cancelled.
        package var cancelled: Duration?
        /// The most ended jobs, and the most bytes of their files and artifacts, of which the oldest go first; nil: no limit.
        package var maximumJobs: Int?
        /// As ``maximumJobs``, in bytes of their files and artifacts.
        package var maximumBytes: Int64?
        /// What is left of deleted jobs, after their deletion.
        package var tombstones: Duration
        /// Jobs that have not got their input, after their last change.
        package var pending: Duration
        /// Files that no job uses, after they came.
        package var unusedFiles: Duration
        /// Resumable uploads that have not come whole, after the last byte that came.
        package var unfinishedUploads: Duration

        package init(
            ended: Duration = .days(30), pending: Duration = .days(1),
            unusedFiles: Duration = .days(1), completed: Duration? = nil, failed: Duration? = nil,
            cancelled: Duration? = nil, maximumJobs: Int? = nil, maximumBytes: Int64? = nil,
            tombstones: Duration = .days(90), unfinishedUploads: Duration = .days(1)
        ) {
            self.ended = ended
            self.completed = completed
            self.failed = failed
            self.cancelled = cancelled
            self.maximumJobs = maximumJobs
            self.maximumBytes = maximumBytes
            self.tombstones = tombstones
            self.pending = pending
            self.unusedFiles = unusedFiles
            self.unfinishedUploads = unfinishedUploads
        }

        /// How long a job stays that ended so.
        package func span(after ending: JobStatus) -> Duration {
            switch ending {
            case .completed: completed ?? ended
            case .failed: failed ?? ended
            case .cancelled: cancelled ?? ended
            case .pending, .blocked, .scheduled, .queued, .processing: ended
            }
        }

        /// The shortest of all spans.
        package var shortest: Duration {
            [ended, pending, unusedFiles, tombstones, completed, failed, cancelled].compactMap(\.self)
                .reduce(unfinishedUploads, min)
        }
    }

    /// When a job may go; nil for one that has still something to come.
    func expiry(of job: Job) -> Timestamp? {
        switch job.status {
        case .completed, .failed, .cancelled:
            (job.times.finishedAt ?? job.times.updatedAt)
                + (pipelines[job.asked.jobType]?.retention ?? retention.span(after: job.status))
        case .pending: job.input.isWhole ? nil : job.times.updatedAt + retention.pending
        case .blocked, .scheduled, .queued, .processing: nil
        }
    }

    /// Slots of each queue, at least 1; `default` is always there.
    package var widths: [String: Int]
    /// By queue, where it is not the usual.
    package var sharing: [String: Sharing]
    /// By job type.
    package var pipelines: [String: Pipeline]
    /// By name; what a job names and is not here is told to nobody.
    package var webhooks: [WebhookName: Webhook]
    /// Those of the configuration; others are made by operators, and known to the map alone.
    package var schedules: [ScheduleName: Schedule.Plan]
    /// The crash that ends a job as `lost`.
    package var crashLimit: Int
    /// How long what has ended, or is not used, stays.
    package var retention: Retention
    /// How long an application that runs a job without a lease may be silent.
    package var applicationSilence: Duration
    /// How long a worker that holds jobs by its connection may take to come back after a start of the daemon.
    package var reconnect: Duration
    /// How much one account, and all together, may have at a time.
    package var quotas: Quotas

    /// Adds the queue `default`, of two slots, where `widths` does not have it.
    package init(
        widths: [String: Int] = ["default": 2], pipelines: [String: Pipeline] = [:], crashLimit: Int = 3,
        retention: Retention = Retention(), applicationSilence: Duration = .days(7),
        reconnect: Duration = .seconds(10), sharing: [String: Sharing] = [:], quotas: Quotas = Quotas(),
        webhooks: [WebhookName: Webhook] = [:], schedules: [ScheduleName: Schedule.Plan] = [:]
    ) {
        self.widths = widths.merging(["default": 2]) { given, _ in given }
        self.pipelines = pipelines
        self.crashLimit = crashLimit
        self.retention = retention
        self.applicationSilence = applicationSilence
        self.reconnect = reconnect
        self.sharing = sharing
        self.quotas = quotas
        self.webhooks = webhooks
        self.schedules = schedules
    }

    /// Who runs jobs of a type; those that have no pipeline any more come to an end here.
    func work(of jobType: String) -> Pipeline.Work { pipelines[jobType]?.work ?? .jobd }
}
