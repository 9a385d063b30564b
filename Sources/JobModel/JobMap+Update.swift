extension JobMap {
    /// The application's own report; which fields a state allows is the table in the protocol page.
    mutating func update(
        _ job: Job, with update: Update, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        try check(update, of: job)
        let metadata = try merged(job.metadata, update.metadata)
        let ending = update.status.flatMap(\.ending)
        let starts = job.status == .pending && update.status != nil
        put(ending == nil ? .updated : .finished, job, at: now, to: &events) { job in
            job.metadata = metadata
            job.step = update.step.applied(to: job.step)
            job.message = update.message.applied(to: job.message)
            job.result = update.result.applied(to: job.result)
            job.error = update.error ?? job.error
            job.progress = max(job.progress, update.progress ?? 0)
            if starts {
                job.status = .processing
                job.runner = .application
                job.attempt += 1
                job.run = (job.run ?? 0) + 1
                job.startedAt = now
            }
            if let ending { job.end(as: ending, at: now) }
        }
    }

    private func check(_ update: Update, of job: Job) throws(JobError) {
        let isAllowed =
            switch (job.status, job.runner) {
            case (.pending, _): update.isForPending
            case (.scheduled, _), (.queued, _): update.isForWaiting
            case (.processing, .application): true
            case (.processing, .jobd), (.processing, nil): update.isForWaiting && update.message == .absent
            case (.completed, _), (.failed, _), (.cancelled, _): false
            }
        guard isAllowed else {
            let runner = job.runner.map { " by \($0.rawValue)" } ?? ""
            let state = job.status == .processing ? "processing\(runner)" : job.status.rawValue
            throw .jobConflict(job, reason: "The job \(job.jobId) is \(state), which does not allow this change.")
        }
    }

    private func merged(_ metadata: JSONText, _ patch: JSONValue?) throws(JobError) -> JSONText {
        guard let patch else { return metadata }
        let merged = JSONText(metadata.value.merging(patch))
        guard merged.byteCount <= Limits.metadataBytes else {
            throw .invalid(
                pointer: "/metadata", reason: "The merged metadata is larger than \(Limits.metadataBytes) bytes.")
        }
        return merged
    }
}

extension Update {
    /// Result and error stand beside the status that they belong to.
    fileprivate var isForPending: Bool {
        (result == .absent || status == .completed) && (error == nil || status == .failed)
    }

    /// Nothing but message and metadata.
    fileprivate var isForWaiting: Bool {
        status == nil && progress == nil && step == .absent && result == .absent && error == nil
    }
}

extension Update.Status {
    fileprivate var ending: JobStatus? {
        switch self {
        case .processing: nil
        case .completed: .completed
        case .failed: .failed
        }
    }
}

extension Job {
    /// Brings the job to a final state.
    mutating func end(as ending: JobStatus, at now: Timestamp) {
        status = ending
        finishedAt = now
        runAt = nil
        switch ending {
        case .completed:
            progress = 100
            error = nil
        case .failed:
            error = error ?? JobFailure(code: "failed", message: message ?? "The application reported a failure.")
        case .pending, .scheduled, .queued, .processing, .cancelled: break
        }
    }
}
