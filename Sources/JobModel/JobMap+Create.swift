import JSON

extension JobMap {
    /// The type of a job that names none.
    package static let defaultJobType = "file_processing"

    mutating func create(
        _ creation: Creation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch record(creation.jobId) {
        case let record? where !access.sees(record): throw .jobTaken(creation.jobId)
        case .gone(let tombstone): throw .jobGone(tombstone)
        case .job(let job):
            guard creation.existing.isRejected else { return }
            throw .jobConflict(job, reason: "The job \(job.jobId) exists already.")
        case nil:
            if let job = duplicate(of: creation, at: now) {
                guard access.sees(.job(job)) else { throw .keyTaken }
                guard creation.existing.isRejected else { return }
                throw .jobConflict(job, reason: "The job \(job.jobId) has the same dedupeKey.")
            }
            try insert(creation, by: access, at: now, to: &events)
        }
    }

    /// The job that is taken for a new one, because it has its key and has not ended, or not long ago.
    package func duplicate(of creation: Creation, at now: Timestamp) -> Job? {
        guard let key = creation.terms.dedupeKey, let job = indexes.dedupe.job(with: key, in: records) else {
            return nil
        }
        guard job.status.isFinal else { return job }
        guard let seconds = creation.existing.dedupeSeconds, let end = job.times.finishedAt else { return nil }
        return end + .seconds(seconds) > now ? job : nil
    }

    mutating func process(
        _ creation: Creation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch record(creation.jobId) {
        case let record? where !access.sees(record): throw .jobTaken(creation.jobId)
        case .gone(let tombstone): throw .jobGone(tombstone)
        case nil where creation.existing.version != nil: throw .jobNotFound(creation.jobId)
        case .job(let job) where creation.existing.version.map { $0 != job.version } ?? false:
            throw .versionConflict(job, expected: creation.existing.version ?? 0)
        case nil: try insert(creation, by: access, at: now, to: &events)
        case .job(let job):
            let files = try resolve(creation.input.fileIds ?? [], for: access)
            guard job.waitsForInput, !job.input.awaitsBytes || waitsInVain(job) else {
                return try checkSameInput(of: job, files)
            }
            try give(files, to: job, from: creation, at: now, to: &events)
        }
    }

    /// A second request for the same run is not an error; one for another run is.
    private func checkSameInput(of job: Job, _ files: [JobFile]) throws(JobError) {
        guard job.input.isWhole || job.input.awaitsBytes else {
            throw .jobConflict(job, reason: "The application runs the job \(job.jobId) itself.")
        }
        guard job.input.files.count == files.count,
            zip(job.input.files, files).allSatisfy({ $0.isSameInput(as: $1) })
        else { throw .jobConflict(job, reason: "The job \(job.jobId) runs or ran with other files.") }
    }

    private mutating func insert(
        _ creation: Creation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        try checkIsFree(creation.jobId)
        let job = try made(of: creation, by: access, number: nextNumber, at: now)
        try checkOpenJobs(1, of: job.asked.account, by: access)
        add([job], at: now, to: &events)
    }

    /// The job that a creation makes; nothing is changed yet.
    ///
    /// `others` are made together with it.
    func made(
        of creation: Creation, by access: Access, number: Int64, with others: Set<JobID> = [], at now: Timestamp
    ) throws(JobError) -> Job {
        guard !isDrained else { throw .draining }
        let type = creation.jobType ?? Self.defaultJobType
        let pipeline = rules.pipelines[type]
        guard access.isOne(of: pipeline?.createdBy ?? .anybody) else {
            throw .forbidden(
                reason: "Jobs of the type \(type) are for \(pipeline?.createdBy.rawValue ?? "") only (createdBy).")
        }
        let queue = creation.queue ?? pipeline?.queue ?? "default"
        guard rules.widths[queue] != nil else {
            throw .invalid(pointer: "/queue", reason: "There is no queue \(queue).")
        }
        if let webhook = creation.terms.webhook, rules.webhooks[webhook] == nil {
            throw .invalid(pointer: "/webhook", reason: "There is no webhook \(webhook).")
        }
        if creation.input.fileIds != nil { try checkPipeline(of: type) }
        let files = try resolve(creation.input.fileIds ?? [], for: access)
        try checkDependencies(of: creation, for: access, among: others)
        let runAt = creation.start?.moment(after: now)
        if let runAt, runAt > now + Limits.scheduleAhead {
            throw .invalid(pointer: "/runAt", reason: "A job can be scheduled for the next hundred years.")
        }
        var terms = creation.terms
        terms.timeouts = terms.timeouts.narrowed(by: Self.limits(of: pipeline))
        var job = Job(
            jobId: creation.jobId, number: number, status: terms.waitsForOthers ? .blocked : .pending,
            asked: Job.Asked(
                jobType: type, owner: creation.owner ?? access.owner, account: access.account, queue: queue,
                priority: creation.priority ?? 0, maxAttempts: creation.maxAttempts ?? pipeline?.maxAttempts ?? 1,
                terms: terms),
            input: Job.Input(
                files: files, isWhole: creation.input.fileIds != nil && files.allSatisfy(\.isWhole),
                metadata: creation.input.metadata ?? .emptyObject, traceParent: creation.input.traceParent),
            progress: Job.Progress(message: creation.message), times: Job.Times(createdAt: now, runAt: runAt))
        // What has ended already is not waited for.
        if others.isDisjoint(with: terms.after), terms.follows == nil, standing(of: job) == .met {
            job.status = .pending
        }
        job.enqueue(at: now)
        if job.status == .queued { job.times.queuedAt = now }
        return job
    }

    /// Puts new jobs in, and starts those that can be started.
    mutating func add(_ jobs: [Job], at now: Timestamp, to events: inout [Event]) {
        for job in jobs {
            takeNumber()
            use(job.input.files, by: 1, to: &events)
            put(.job(JobEvent(kind: .created, before: nil, after: .job(job))), to: &events)
        }
        decideDependents(at: now, to: &events)
        let queues = jobs.count > 1 ? Set(jobs.map(\.asked.queue)).sorted() : jobs.map(\.asked.queue)
        for queue in queues { fill(queue, at: now, events: &events) }
    }

    /// Gives a waiting job its input; what else the request says is taken too.
    private mutating func give(
        _ files: [JobFile], to job: Job, from creation: Creation, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        if let type = creation.jobType, type != job.asked.jobType {
            throw .jobConflict(job, reason: "The job \(job.jobId) has the type \(job.asked.jobType).")
        }
        try checkPipeline(of: job.asked.jobType)
        use(files, by: 1, to: &events)
        // Of what it waited for in vain, those that came.
        use(job.input.files, by: -1, to: &events)
        let isWhole = files.allSatisfy(\.isWhole)
        put(isWhole ? .queued : .updated, job, at: now, to: &events) { job in
            job.input.files = files
            job.input.isWhole = isWhole
            job.progress.message = creation.message ?? job.progress.message
            job.input.metadata = creation.input.metadata ?? job.input.metadata
            job.input.traceParent = creation.input.traceParent ?? job.input.traceParent
            job.enqueue(at: now)
        }
        fill(job.asked.queue, at: now, events: &events)
    }

    /// What a pipeline allows its jobs; the runs of its own steps are limited by the processing.
    private static func limits(of pipeline: Rules.Pipeline?) -> TimeLimits {
        guard let pipeline else { return TimeLimits() }
        var limits = pipeline.timeouts
        if pipeline.work == .jobd { limits.running = nil }
        return limits
    }

    private func checkPipeline(of type: String) throws(JobError) {
        guard rules.pipelines[type] != nil else {
            throw .invalid(pointer: "/jobType", reason: "There is no pipeline for jobs of the type \(type).")
        }
    }
}

extension Job {
    /// Makes a job wait: for others as long as it does, for its moment, for its input, or for a slot.
    mutating func enqueue(at now: Timestamp) {
        guard status != .blocked else { return }
        if let runAt = times.runAt, runAt > now {
            status = .scheduled
        } else {
            status = input.isWhole ? .queued : .pending
            times.runAt = nil
        }
    }

    /// Whether nobody has given it its input, or begun to run it without.
    var waitsForInput: Bool {
        !input.isWhole && (status == .pending || status == .blocked || status == .scheduled)
    }
}

extension Creation.Start {
    /// Nil when the moment has passed; the end of what RFC 3339 can write at the latest.
    fileprivate func moment(after now: Timestamp) -> Timestamp? {
        let moment =
            switch self {
            case .at(let moment): moment
            case .after(let delay): now + delay
            }
        return moment > now ? min(moment, .latest) : nil
    }
}
