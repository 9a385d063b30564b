/// What people ask of a job.
extension JobMap {
    mutating func cancel(
        _ job: Job, reason: String?, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch (job.status, job.lease.runner) {
        case (.cancelled, _): return
        case (.completed, _), (.failed, _):
            throw .jobConflict(job, reason: "The job \(job.jobId) has \(job.status.rawValue) already.")
        case (.processing, .jobd), (.processing, .worker):
            guard job.times.cancelRequestedAt == nil else { return }
            put(.cancelRequested, job, at: now, to: &events) { job in
                job.times.cancelRequestedAt = now
                job.progress.message = reason
            }
        case (.pending, _), (.blocked, _), (.scheduled, _), (.queued, _), (.processing, .application),
            (.processing, nil):
            put(.finished, job, at: now, to: &events) { job in
                job.times.cancelRequestedAt = now
                job.progress.message = reason
                job.end(as: .cancelled, at: now)
            }
            decideDependents(at: now, to: &events)
        }
    }

    mutating func retry(
        _ job: Job, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch job.status {
        case .failed, .cancelled: break
        case .pending, .blocked, .scheduled, .queued, .processing, .completed:
            throw .jobConflict(
                job,
                reason: "The job \(job.jobId) is \(job.status.rawValue); failed and cancelled jobs can be retried.")
        }
        let files = arrived(job.input.files)
        let excused = try excuses(for: job)
        try checkOpenJobs(1, of: job.asked.account, by: access)
        use(zip(files, job.input.files).filter { $0.isWhole && !$1.isWhole }.map(\.0), by: 1, to: &events)
        put(.retried, job, at: now, to: &events) { job in
            job.input.files = files
            job.input.isWhole = job.input.isWhole || !files.isEmpty && files.allSatisfy(\.isWhole)
            job.keepRun(endedAt: job.times.finishedAt ?? now, error: job.outcome.error)
            job.runs = Job.Runs(last: job.runs.last, earlier: job.runs.earlier)
            job.lease = Job.Lease()
            job.progress = Job.Progress(lineCount: job.progress.lineCount)
            job.times = Job.Times(
                createdAt: job.times.createdAt, updatedAt: job.times.updatedAt, queuedAt: job.times.queuedAt,
                retriedAt: now)
            job.outcome = Job.Outcome()
            job.asked.terms.excused = excused
            job.status = job.asked.terms.waitsForOthers ? .blocked : job.input.isWhole ? .queued : .pending
        }
        decideDependents(at: now, to: &events)
        fill(job.asked.queue, at: now, events: &events)
    }

    mutating func delete(_ job: Job, at now: Timestamp, to events: inout [Event]) throws(JobError) {
        guard job.status.isFinal else {
            throw .jobConflict(
                job, reason: "The job \(job.jobId) is \(job.status.rawValue); only ended jobs can be deleted.")
        }
        guard !isAwaited(job.jobId) else {
            throw .jobConflict(job, reason: "Other jobs wait for the job \(job.jobId); delete it when they do not.")
        }
        remove(job, at: now, to: &events)
    }
}
