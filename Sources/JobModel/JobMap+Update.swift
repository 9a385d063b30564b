import JSON

/// The application's own report; which parts a state allows is the table in the protocol page.
extension JobMap {
    mutating func update(
        _ job: Job, with update: Update, by access: Access, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        try check(update, of: job, by: access, at: now)
        let metadata = try merged(job.input.metadata, update.metadata)
        let ending = update.status.flatMap(\.ending)
        let starts = job.status == .pending && update.status != nil
        let step = update.step.applied(to: job.progress.step) ?? ""
        let lines = update.lines.map { LogLine(at: now, step: step, stream: $0.stream.rawValue, text: $0.text) }
        let isHeard = notesHearing(of: job, with: update, at: now)
        let after = put(ending == nil ? .updated : .finished, job, at: now, lines: lines, to: &events) { job in
            job.input.metadata = metadata
            job.progress.step = update.step.applied(to: job.progress.step)
            job.progress.message = update.message.applied(to: job.progress.message)
            job.outcome.result = update.result.applied(to: job.outcome.result)
            job.outcome.error = update.error ?? job.outcome.error
            job.progress.percent = max(job.progress.percent, update.progress ?? 0)
            job.lease.seconds = update.leaseSeconds ?? job.lease.seconds
            job.asked.priority = update.priority ?? job.asked.priority
            if starts {
                job.status = .processing
                job.lease.runner = .application
                job.begin(at: now)
            }
            if starts || isHeard { job.lease.heardAt = now }
            if case .set(let moment) = update.runAt {
                job.times.runAt = moment
                if job.runs.attempt > 0 { job.asked.terms.namedStart = moment }
                job.enqueue(at: now)
            }
            if let ending { job.end(as: ending, at: now) }
        }
        decideDependents(at: now, to: &events)
        if after.status == .queued { fill(job.asked.queue, at: now, events: &events) }
    }

    /// Whether to store when the application was heard: with a lease each time, otherwise not more often than matters.
    private func notesHearing(of job: Job, with update: Update, at now: Timestamp) -> Bool {
        guard job.status == .processing, job.lease.runner == .application else { return false }
        guard job.lease.seconds == nil, update.leaseSeconds == nil else { return true }
        let silence = min(rules.applicationSilence, job.asked.terms.timeouts.silence ?? rules.applicationSilence)
        return now - (job.lease.heardAt ?? job.times.updatedAt) > min(.seconds(60), silence / 10)
    }

    private func check(_ update: Update, of job: Job, by access: Access, at now: Timestamp) throws(JobError) {
        try checkRight(of: access, to: update, of: job)
        if let run = update.run, job.status != .processing || job.lease.runner != .application || job.runs.last != run {
            throw .jobConflict(job, reason: "The run \(run) of the job \(job.jobId) by the application does not go on.")
        }
        let wrong = update.parts.subtracting(job.changeableParts(with: update.status))
        guard wrong.isEmpty, !job.status.isFinal else {
            let runner = job.status == .processing ? job.lease.runner.map { " by \($0.rawValue)" } ?? "" : ""
            let parts =
                wrong.isEmpty ? "any change" : "a change of \(wrong.map(\.rawValue).sorted().joined(separator: ", "))"
            throw .jobConflict(
                job, reason: "The job \(job.jobId) is \(job.status.rawValue)\(runner), which does not allow \(parts).")
        }
        if case .set(let moment?) = update.runAt, moment > now + Limits.scheduleAhead {
            throw .invalid(pointer: "/runAt", reason: "A job can be scheduled for the next hundred years.")
        }
        try checkLog(of: job, adding: update.lines.count)
    }

    /// Refuses lines from outside that a job's log has no room for.
    func checkLog(of job: Job, adding count: Int) throws(JobError) {
        guard count == 0 || job.progress.lineCount + Int64(count) <= Limits.applicationLines else {
            throw .invalid(
                pointer: "/lines",
                reason: "The log of the job \(job.jobId) has \(Limits.applicationLines) lines already.")
        }
    }

    /// What operators alone may say: where a job stands in its queue, and what a pipeline would have found.
    private func checkRight(of access: Access, to update: Update, of job: Job) throws(JobError) {
        guard !access.isOperator else { return }
        guard update.parts.isDisjoint(with: [.priority, .runAt]) else {
            throw .forbidden(reason: "The priority and the moment of a job are changed by operators only.")
        }
        let isFound = !update.parts.isDisjoint(with: [
            .status, .progress, .step, .result, .error, .leaseSeconds, .lines,
        ])
        guard isFound, rules.pipelines[job.asked.jobType] != nil else { return }
        throw .forbidden(
            reason: "A pipeline runs jobs of the type \(job.asked.jobType); only operators may report for them.")
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

extension Job {
    /// What an update may change now; result and error stand beside the status that they belong to.
    fileprivate func changeableParts(with status: Update.Status?) -> Set<Update.Part> {
        switch (self.status, lease.runner) {
        case (.pending, _):
            let always: Set<Update.Part> = [.message, .step, .progress, .metadata]
            switch status {
            case nil: return always
            case .processing: return always.union([.status, .leaseSeconds, .lines])
            case .completed: return always.union([.status, .lines, .result])
            case .failed: return always.union([.status, .lines, .error])
            }
        case (.blocked, _), (.scheduled, _), (.queued, _): return [.message, .metadata, .priority, .runAt]
        case (.processing, .application): return Set(Update.Part.allCases).subtracting([.priority, .runAt])
        case (.processing, .jobd), (.processing, .worker), (.processing, nil): return [.metadata]
        case (.completed, _), (.failed, _), (.cancelled, _): return []
        }
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
        // The clock may have been set back meanwhile.
        times.finishedAt = max(now, times.startedAt ?? now)
        times.runAt = nil
        lease.seconds = nil
        lease.heardAt = nil
        switch ending {
        case .completed:
            progress.percent = 100
            outcome.error = nil
        case .failed:
            outcome.error =
                outcome.error
                ?? JobFailure(code: "failed", message: progress.message ?? "The application reported a failure.")
        case .pending, .blocked, .scheduled, .queued, .processing, .cancelled: break
        }
    }
}
