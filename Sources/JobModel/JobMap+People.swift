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
        case (.pending, _), (.scheduled, _), (.queued, _), (.processing, .application), (.processing, nil):
            put(.finished, job, at: now, to: &events) { job in
                job.cancelRequestedAt = now
                job.message = reason ?? job.message
                job.end(as: .cancelled, at: now)
            }
        }
    }

    mutating func retry(_ job: Job, at now: Timestamp, to events: inout [Event]) throws(JobError) {
        switch job.status {
        case .failed, .cancelled: break
        case .pending, .scheduled, .queued, .processing, .completed:
            throw .jobConflict(
                job,
                reason: "The job \(job.jobId) is \(job.status.rawValue); failed and cancelled jobs can be retried.")
        }
        put(.retried, job, at: now, to: &events) { job in
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
            job.status = job.hasInput ? .queued : .pending
        }
        fill(job.queue, at: now, events: &events)
    }

    mutating func delete(_ job: Job, at now: Timestamp, to events: inout [Event]) throws(JobError) {
        guard job.status.isFinal else {
            throw .jobConflict(
                job, reason: "The job \(job.jobId) is \(job.status.rawValue); only ended jobs can be deleted.")
        }
        remove(job, at: now, to: &events)
    }
}
