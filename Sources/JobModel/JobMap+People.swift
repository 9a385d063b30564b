/// What people ask of a job.
extension JobMap {
    mutating func cancel(
        _ job: Job, reason: String?, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        switch (job.status, job.runner) {
        case (.cancelled, _): return
        case (.completed, _), (.failed, _):
            throw .jobConflict(job, reason: "The job \(job.jobId) has \(job.status.rawValue) already.")
        case (.processing, .jobd), (.processing, .worker):
            guard job.cancelRequestedAt == nil else { return }
            put(.cancelRequested, job, at: now, to: &events) { job in
                job.cancelRequestedAt = now
                job.message = reason ?? job.message
            }
        case (.pending, _), (.blocked, _), (.scheduled, _), (.queued, _), (.processing, .application),
            (.processing, nil):
            put(.finished, job, at: now, to: &events) { job in
                job.cancelRequestedAt = now
                job.message = reason ?? job.message
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
        let files = arrived(job.files)
        let excused = try excuses(for: job)
        try checkOpenJobs(1, of: job.account, by: access)
        use(zip(files, job.files).filter { $0.isWhole && !$1.isWhole }.map(\.0), by: 1, to: &events)
        put(.retried, job, at: now, to: &events) { job in
            job.files = files
            job.hasInput = job.hasInput || !files.isEmpty && files.allSatisfy(\.isWhole)
            job.keepRun(endedAt: job.finishedAt ?? now, error: job.error)
            job.attempt = 0
            job.crashes = 0
            job.releases = 0
            job.progress = 0
            job.step = nil
            job.message = nil
            job.runner = nil
            job.worker = nil
            job.runAt = nil
            job.startedAt = nil
            job.finishedAt = nil
            job.cancelRequestedAt = nil
            job.leaseSeconds = nil
            job.heardAt = nil
            job.leaseToken = nil
            job.result = nil
            job.error = nil
            job.artifacts = []
            job.retriedAt = now
            job.terms.excused = excused
            job.status = job.terms.waitsForOthers ? .blocked : job.hasInput ? .queued : .pending
        }
        decideDependents(at: now, to: &events)
        fill(job.queue, at: now, events: &events)
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
