/// What happens because time has passed.
extension JobMap {
    /// The earliest moment at which ``Command/tick`` would do something.
    package mutating func nextDeadline() -> Timestamp? {
        // What one decision was too short for is due at once.
        if !isHeld, !indexes.queues.unfinished.isEmpty { return Timestamp(milliseconds: 0) }
        if hasUndecidedDependents() { return Timestamp(milliseconds: 0) }
        let schedule = isHeld ? nil : schedules.next
        return [indexes.timers.next(in: records), indexes.limits.next(in: records), schedule].compactMap(\.self).min()
    }

    /// Takes note that the wall clock was set ahead, or back: spans go on as if it had not been.
    package mutating func clockWasSet(by change: Duration, at now: Timestamp) {
        indexes.timers.clockWasSet(by: change, at: now)
        indexes.limits.clockWasSet(by: change, at: now)
    }

    /// What is due, as much as one decision may; what is left is due still.
    mutating func tick(at now: Timestamp, to events: inout [Event]) {
        while events.count < Limits.dueEvents, let (job, kind) = indexes.timers.takeDue(at: now, in: records) {
            switch kind {
            case .start, .again:
                put(job.input.isWhole ? .queued : .updated, job, at: now, to: &events) { job in
                    job.status = job.input.isWhole ? .queued : .pending
                    job.times.runAt = nil
                }
            case .applicationSilence: endSilent(job, at: now, to: &events)
            case .lease: lose(job, to: .expiry, at: now, to: &events)
            case .reconnect: lose(job, to: .connection, at: now, to: &events)
            }
        }
        while events.count < Limits.dueEvents, let due = indexes.limits.takeDue(at: now, in: records) {
            endLate(due.job, due.limit, at: now, to: &events)
        }
        fireSchedules(at: now, to: &events)
        decideDependents(at: now, to: &events, upTo: Limits.dueEvents)
        fillAll(at: now, events: &events, upTo: Limits.dueEvents)
    }

    private mutating func endLate(
        _ job: Job, _ limit: RunningLimit, at now: Timestamp, to events: inout [Event]
    ) {
        let span = Span.text(limit.span)
        let message =
            switch limit.kind {
            case .queued: "The job waited longer than \(span) for its turn."
            case .running: "The job ran longer than \(span)."
            case .silence: "Nothing was heard of the job for longer than \(span)."
            case .total: "The job was not done within \(span)."
            }
        put(.finished, job, at: now, to: &events) { job in
            guard job.times.cancelRequestedAt == nil else { return job.end(as: .cancelled, at: now) }
            job.outcome.error = JobFailure(
                limit.kind == .silence ? .silence : .timeout, message: "\(message) Try again later.",
                step: job.progress.step,
                cause: "\(limit.kind.rawValue): timeouts.\(limit.kind.rawValue) of \(span)")
            job.end(as: .failed, at: now)
        }
    }

    private mutating func endSilent(_ job: Job, at now: Timestamp, to events: inout [Event]) {
        let span = job.lease.seconds.map { "\($0) seconds" } ?? "longer than limits.applicationSilence allows"
        put(.finished, job, at: now, to: &events) { job in
            job.outcome.error = JobFailure(
                .silent, message: "The application that runs this job was not heard of for \(span).",
                step: job.progress.step)
            job.end(as: .failed, at: now)
        }
    }
}
