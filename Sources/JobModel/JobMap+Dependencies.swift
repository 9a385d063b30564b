/// Jobs that wait for others to end.
extension JobMap {
    /// How things stand with what a job waits for.
    enum Standing: Hashable {
        /// Nothing is waited for any more.
        case met
        case open([JobID])
        /// This one did not end as it had to.
        case broken(by: JobID)
    }

    func standing(of job: Job) -> Standing {
        var open: [JobID] = []
        for id in job.asked.terms.after {
            switch record(id) {
            // What has gone had ended.
            case nil: continue
            case .gone(let tombstone):
                guard job.asked.terms.afterPolicy == .completed, tombstone.jobStatus != .completed else { continue }
                return .broken(by: id)
            case .job(let other):
                if !other.status.isFinal || job.asked.terms.excused[id] == other.version {
                    open.append(id)
                } else if job.asked.terms.afterPolicy == .completed, other.status != .completed {
                    return .broken(by: id)
                }
            }
        }
        if let id = job.asked.terms.follows, let batch = named(.batch(id))?.batch, batch.finishedAt == nil {
            return .open(open)
        }
        return open.isEmpty ? .met : .open(open)
    }

    /// Lets go on, or ends, the jobs that waited for what has ended; as many as one decision may.
    mutating func decideDependents(
        at now: Timestamp, to events: inout [Event], upTo limit: Int = Limits.decisionEvents
    ) {
        var queues: Set<String> = []
        while events.count < limit, let id = indexes.dependencies.takeChanged() {
            guard let job = record(id)?.job, job.status == .blocked else { continue }
            switch standing(of: job) {
            case .open: continue
            case .met:
                queues.insert(job.asked.queue)
                unblock(job, at: now, to: &events)
            case .broken(let other): end(job, brokenBy: other, at: now, to: &events)
            }
        }
        for queue in queues.sorted() { fill(queue, at: now, events: &events, upTo: limit) }
    }

    /// Whether anybody who waited is to go on, or to be ended.
    mutating func hasUndecidedDependents() -> Bool {
        while let id = indexes.dependencies.nextChanged {
            if let job = record(id)?.job, job.status == .blocked {
                guard case .open = standing(of: job) else { return true }
            }
            _ = indexes.dependencies.takeChanged()
        }
        return false
    }

    private mutating func unblock(_ job: Job, at now: Timestamp, to events: inout [Event]) {
        let batch = job.asked.terms.follows.flatMap { named(.batch($0))?.batch }
        put(.queued, job, at: now, to: &events) { job in
            if let batch { job.input.metadata = batch.adding(countsTo: job.input.metadata) }
            job.status = .pending
            job.enqueue(at: now)
        }
    }

    private mutating func end(_ job: Job, brokenBy other: JobID, at now: Timestamp, to events: inout [Event]) {
        let status = record(other)?.job?.status ?? .failed
        let end = status == .cancelled ? "was cancelled" : "failed"
        put(.finished, job, at: now, to: &events) { job in
            job.outcome.error = JobFailure(
                .dependency, message: "The job \(other), for which this one waited, \(end). Run that one again first.",
                cause: other.description)
            job.end(as: .failed, at: now)
        }
    }

    /// Whether somebody waits for the end of a job.
    package func isAwaited(_ id: JobID) -> Bool { indexes.dependencies.isAwaited(id) }

    /// `made` are jobs that are made together with it.
    func checkDependencies(
        of creation: Creation, for access: Access, among made: Set<JobID>
    ) throws(JobError) {
        for (index, id) in creation.terms.after.enumerated() where !made.contains(id) {
            switch record(id) {
            case let record? where !access.sees(record): throw .within(pointer: "/after/\(index)", .jobNotFound(id))
            case .job: continue
            case .gone(let tombstone): throw .within(pointer: "/after/\(index)", .jobGone(tombstone))
            case nil: throw .within(pointer: "/after/\(index)", .jobNotFound(id))
            }
        }
    }

    /// What has failed of the jobs that one waits for, which is to be retried: they have to end anew.
    func excuses(for job: Job) throws(JobError) -> [JobID: Int64] {
        var excused: [JobID: Int64] = [:]
        for id in job.asked.terms.after {
            switch record(id) {
            case .job(let other) where other.status.isFinal && other.status != .completed:
                if job.asked.terms.afterPolicy == .completed { excused[id] = other.version }
            case .gone(let tombstone) where tombstone.jobStatus != .completed:
                guard job.asked.terms.afterPolicy == .completed else { continue }
                throw .jobConflict(
                    job, reason: "The job \(id), for which \(job.jobId) waits, was deleted, and cannot end anew.")
            case .job, .gone, nil: continue
            }
        }
        return excused
    }
}
