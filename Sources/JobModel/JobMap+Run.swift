/// What a run says while it goes on, and when it is over.
extension JobMap {
    mutating func report(
        _ id: JobID, _ run: Int64, _ report: Report, at now: Timestamp, to events: inout [Event]
    ) {
        guard let job = running(id, run) else { return }
        put(.updated, job, at: now, lines: report.lines, to: &events) { job in
            job.progress.percent = max(job.progress.percent, min(report.progress ?? 0, 100))
            job.progress.step = report.step ?? job.progress.step
            // From a request to cancel on, the message is its reason.
            if job.times.cancelRequestedAt == nil { job.progress.message = report.message ?? job.progress.message }
        }
    }

    mutating func finish(
        _ id: JobID, _ run: Int64, _ outcome: RunOutcome, at now: Timestamp, to events: inout [Event]
    ) {
        guard let job = running(id, run) else { return }
        end(job, outcome, at: now, to: &events)
    }

    /// Ends a run as whoever ran it says; its slot is free.
    mutating func end(_ job: Job, _ outcome: RunOutcome, at now: Timestamp, to events: inout [Event]) {
        if let start = job.times.startedAt, now > start { indexes.queues.noteRun(now - start, of: job.asked.queue) }
        let next = conclusion(of: job, outcome, at: now)
        put(next.status.isFinal ? .finished : .queued, job, at: now, lines: outcome.lines, to: &events) { $0 = next }
        decideDependents(at: now, to: &events)
        fill(job.asked.queue, at: now, events: &events)
    }

    /// What a job is after a run; a request to cancel wins over whatever came in between.
    private func conclusion(of job: Job, _ outcome: RunOutcome, at now: Timestamp) -> Job {
        var job = job
        job.outcome.artifacts = outcome.artifacts
        job.outcome.result = outcome.result
        switch outcome.ending {
        case .cancelled(let failure):
            job.outcome.error = failure
            job.end(as: .cancelled, at: now)
        case _ where job.times.cancelRequestedAt != nil:
            job.outcome.result = nil
            job.end(as: .cancelled, at: now)
        case .completed:
            // No step runs any more; what failed or was cancelled keeps the step that it came to.
            job.progress.step = nil
            job.progress.message = outcome.message
            job.end(as: .completed, at: now)
        case .failed(let failure, let mayRetry):
            job.outcome.error = failure
            if mayRetry, job.runs.countedAttempts < job.asked.maxAttempts {
                job.keepRun(endedAt: now, error: failure)
                job.outcome.result = nil
                job.leaveSlot()
                job.times.runAt = now + (outcome.retryAfter ?? retryDelay(of: job))
                job.enqueue(at: now)
            } else {
                job.end(as: .failed, at: now)
            }
        }
        return job
    }

    /// Doubles with each attempt, with up to a quarter more or less.
    ///
    /// The id decides how much, so that jobs that failed together do not come back together, and the same command always
    /// has the same answer.
    private func retryDelay(of job: Job) -> Duration {
        let failures = max(job.runs.countedAttempts, 1)
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in "\(job.jobId) \(job.runs.last ?? 0)".utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        let pipeline = rules.pipelines[job.asked.jobType] ?? Rules.Pipeline()
        let first = job.asked.terms.retry.delay ?? pipeline.retryDelay
        let longest = job.asked.terms.retry.maximumDelay ?? pipeline.maximumRetryDelay
        let delay = min(first * (1 << min(failures - 1, 30)), longest)
        return delay * (75 + Int(hash >> 32 % 51)) / 100
    }

    mutating func release(
        _ id: JobID, _ run: Int64, after delay: Duration, at now: Timestamp, to events: inout [Event]
    ) {
        guard let job = running(id, run) else { return }
        giveBack(job, after: delay, at: now, to: &events)
    }

    /// Takes a run back that whoever had it gave back.
    mutating func giveBack(_ job: Job, after delay: Duration, at now: Timestamp, to events: inout [Event]) {
        requeue(job, at: now, to: &events) { job in
            job.runs.releases += 1
            if delay > .zero { job.times.runAt = now + delay }
            return nil
        }
        fill(job.asked.queue, at: now, events: &events)
    }

    /// The job if this very run of it goes on under jobd; a word of any other comes too late.
    private func running(_ id: JobID, _ run: Int64) -> Job? {
        guard let job = record(id)?.job, job.status == .processing, job.lease.runner == .jobd, job.runs.last == run
        else {
            return nil
        }
        return job
    }

    /// Takes a job whose run is over without an outcome back to its queue, or ends it when that was asked for.
    ///
    /// `count` counts the start among those that are not attempts, and answers what the run ended with.
    mutating func requeue(
        _ job: Job, at now: Timestamp, to events: inout [Event], count: (inout Job) -> JobFailure?
    ) {
        let isCancelled = job.times.cancelRequestedAt != nil
        put(isCancelled ? .finished : .queued, job, at: now, to: &events) { job in
            let failure = count(&job)
            if isCancelled {
                job.end(as: .cancelled, at: now)
            } else {
                job.keepRun(endedAt: now, error: failure)
                job.leaveSlot()
                job.enqueue(at: now)
            }
        }
    }
}

extension Job {
    /// Nobody runs it now.
    fileprivate mutating func leaveSlot() {
        // What ended the run may be said again with its token.
        lease = Lease(token: lease.token)
        // They lie under the run that is over.
        outcome.artifacts = []
    }
}
