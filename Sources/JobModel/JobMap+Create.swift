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
            guard creation.rejectsExisting else { return }
            throw .jobConflict(job, reason: "The job \(job.jobId) exists already.")
        case nil:
            if let job = duplicate(of: creation, at: now) {
                guard access.sees(.job(job)) else { throw .keyTaken }
                guard creation.rejectsExisting else { return }
                throw .jobConflict(job, reason: "The job \(job.jobId) has the same dedupeKey.")
            }
            try insert(creation, by: access, at: now, to: &events)
        }
    }

    /// The job that is taken for a new one, because it has its key and has not ended, or not long ago.
    package func duplicate(of creation: Creation, at now: Timestamp) -> Job? {
        guard let key = creation.terms.dedupeKey, let job = dedupe.job(with: key, in: records) else { return nil }
        guard job.status.isFinal else { return job }
        guard let seconds = creation.dedupeSeconds, let end = job.finishedAt else { return nil }
        return end + .seconds(seconds) > now ? job : nil
    }

    mutating func process(
        _ creation: Creation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch record(creation.jobId) {
        case let record? where !access.sees(record): throw .jobTaken(creation.jobId)
        case .gone(let tombstone): throw .jobGone(tombstone)
        case nil where creation.ifVersion != nil: throw .jobNotFound(creation.jobId)
        case .job(let job) where creation.ifVersion.map { $0 != job.version } ?? false:
            throw .versionConflict(job, expected: creation.ifVersion ?? 0)
        case nil: try insert(creation, by: access, at: now, to: &events)
        case .job(let job):
            let files = try resolve(creation.fileIds ?? [], for: access)
            guard job.waitsForInput, !job.awaitsBytes || waitsInVain(job) else {
                return try checkSameInput(of: job, files)
            }
            try give(files, to: job, from: creation, at: now, to: &events)
        }
    }

    /// A second request for the same run is not an error; one for another run is.
    private func checkSameInput(of job: Job, _ files: [JobFile]) throws(JobError) {
        guard job.hasInput || job.awaitsBytes else {
            throw .jobConflict(job, reason: "The application runs the job \(job.jobId) itself.")
        }
        guard job.files.count == files.count,
            zip(job.files, files).allSatisfy({ $0.isSameInput(as: $1) })
        else { throw .jobConflict(job, reason: "The job \(job.jobId) runs or ran with other files.") }
    }

    private mutating func insert(
        _ creation: Creation, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        try checkIsFree(creation.jobId)
        let job = try made(of: creation, by: access, number: nextNumber, at: now)
        try checkOpenJobs(1, of: job.account, by: access)
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
        if creation.fileIds != nil { try checkPipeline(of: type) }
        let files = try resolve(creation.fileIds ?? [], for: access)
        try checkDependencies(of: creation, for: access, among: others)
        let runAt = creation.start?.moment(after: now)
        if let runAt, runAt > now + Limits.scheduleAhead {
            throw .invalid(pointer: "/runAt", reason: "A job can be scheduled for the next hundred years.")
        }
        var terms = creation.terms
        terms.timeouts = terms.timeouts.narrowed(by: limits(of: type))
        var job = Job(
            jobId: creation.jobId, jobType: type, status: terms.waitsForOthers ? .blocked : .pending, progress: 0,
            step: nil, message: creation.message, queue: queue, priority: creation.priority ?? 0, attempt: 0,
            crashes: 0, releases: 0, run: nil, maxAttempts: creation.maxAttempts ?? pipeline?.maxAttempts ?? 1,
            runner: nil, version: 1, createdAt: now, updatedAt: now, startedAt: nil, finishedAt: nil, runAt: runAt,
            leaseSeconds: nil, heardAt: nil, cancelRequestedAt: nil, earlierAttempts: [], files: files,
            metadata: creation.metadata ?? .emptyObject, result: nil, error: nil, artifacts: [], number: number,
            revision: 1, hasInput: creation.fileIds != nil && files.allSatisfy(\.isWhole), lineCount: 0,
            traceParent: creation.traceParent,
            owner: creation.owner ?? access.owner, terms: terms, account: access.account)
        // What has ended already is not waited for.
        if others.isDisjoint(with: terms.after), terms.follows == nil, standing(of: job) == .met {
            job.status = .pending
        }
        job.enqueue(at: now)
        if job.status == .queued { job.queuedAt = now }
        return job
    }

    /// Puts new jobs in, and starts those that can be started.
    mutating func add(_ jobs: [Job], at now: Timestamp, to events: inout [Event]) {
        for job in jobs {
            takeNumber()
            use(job.files, by: 1, to: &events)
            put(.job(JobEvent(kind: .created, before: nil, after: .job(job))), to: &events)
        }
        decideDependents(at: now, to: &events)
        let queues = jobs.count > 1 ? Set(jobs.map(\.queue)).sorted() : jobs.map(\.queue)
        for queue in queues { fill(queue, at: now, events: &events) }
    }

    /// Gives a waiting job its input; what else the request says is taken too.
    private mutating func give(
        _ files: [JobFile], to job: Job, from creation: Creation, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        if let type = creation.jobType, type != job.jobType {
            throw .jobConflict(job, reason: "The job \(job.jobId) has the type \(job.jobType).")
        }
        try checkPipeline(of: job.jobType)
        use(files, by: 1, to: &events)
        // Of what it waited for in vain, those that came.
        use(job.files, by: -1, to: &events)
        let isWhole = files.allSatisfy(\.isWhole)
        put(isWhole ? .queued : .updated, job, at: now, to: &events) { job in
            job.files = files
            job.hasInput = isWhole
            job.message = creation.message ?? job.message
            job.metadata = creation.metadata ?? job.metadata
            job.traceParent = creation.traceParent ?? job.traceParent
            job.enqueue(at: now)
        }
        fill(job.queue, at: now, events: &events)
    }

    /// What the pipeline of a type allows its jobs; the runs of its own steps are limited by the processing.
    private func limits(of type: String) -> TimeLimits {
        var limits = rules.pipelines[type]?.timeouts ?? TimeLimits()
        if rules.work(of: type) == .jobd { limits.running = nil }
        return limits
    }

    private func checkPipeline(of type: String) throws(JobError) {
        guard rules.pipelines[type] != nil else {
            throw .invalid(pointer: "/jobType", reason: "There is no pipeline for jobs of the type \(type).")
        }
    }
}

extension Job {
    /// Makes a job wait: for others as long as it does, for its moment, for its input, or for a place.
    mutating func enqueue(at now: Timestamp) {
        guard status != .blocked else { return }
        if let runAt, runAt > now {
            status = .scheduled
        } else {
            status = hasInput ? .queued : .pending
            runAt = nil
        }
    }

    /// Whether nobody has given it its input, or begun to run it without.
    var waitsForInput: Bool {
        !hasInput && (status == .pending || status == .blocked || status == .scheduled)
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
