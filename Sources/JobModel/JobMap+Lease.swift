/// Slots as leases: who asks for one, what he says while he holds it, and how he loses it.
extension JobMap {
    /// A worker asks for jobs, and gets at once what there is; what it does not get now it may get with a later decision.
    mutating func claim(_ offer: Offer, at now: Timestamp, to events: inout [Event]) throws(JobError) {
        for (index, queue) in offer.queues.enumerated() where rules.widths[queue] == nil {
            throw .invalid(pointer: "/queues/\(index)", reason: "There is no queue \(queue).")
        }
        offers.add(offer)
        for queue in offer.queues { fill(queue, at: now, events: &events) }
    }

    /// Takes an offer back that has got nothing; false when it is not open.
    package mutating func withdraw(_ offer: OfferID) -> Bool { offers.withdraw(offer) }

    /// Workers that wait for a job.
    package var offerCount: Int { offers.count }

    // MARK: Words of a worker

    /// Notes that the holders of leases were heard; a proof that is not good any more changes nothing.
    mutating func renew(_ proofs: [LeaseProof], at now: Timestamp, to events: inout [Event]) {
        for proof in proofs {
            guard let job = leased(proof), notesHearing(of: job) else { continue }
            put(.updated, job, at: now, to: &events) { $0.lease.heardAt = now }
        }
    }

    /// The job that a proof is good for.
    package func leased(_ proof: LeaseProof) -> Job? {
        guard let job = record(proof.jobId)?.job, let token = proof.token, job.lease.token == token,
            job.status == .processing, job.lease.runner == .worker
        else { return nil }
        return job
    }

    /// Takes a worker's word; one that was said before changes nothing.
    mutating func say(
        _ word: LeaseWord, of proof: LeaseProof, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard let job = leased(proof) else {
            switch record(proof.jobId) {
            case nil: throw .jobNotFound(proof.jobId)
            case .gone(let tombstone): throw .jobGone(tombstone)
            case .job(let job):
                guard let token = proof.token, job.lease.token == token, job.hasHeard(word) else {
                    throw .leaseLost(proof.jobId)
                }
                return
            }
        }
        let isNoted = notesHearing(of: job)
        switch word {
        case .report(let progress, let step, let message, let lines):
            let step = step.applied(to: job.progress.step)
            let logged = lines.map { LogLine(at: now, step: step ?? "", stream: $0.stream.rawValue, text: $0.text) }
            try checkLog(of: job, adding: lines.count)
            put(.updated, job, at: now, lines: logged, to: &events) { job in
                if isNoted { job.lease.heardAt = now }
                job.progress.percent = max(job.progress.percent, progress ?? 0)
                job.progress.step = step
                // From a request to cancel on, the message is its reason.
                if job.times.cancelRequestedAt == nil {
                    job.progress.message = message.applied(to: job.progress.message)
                }
            }
        case .artifact(let artifact):
            let others = job.outcome.artifacts.filter { $0.name != artifact.name }
            guard others.count < Limits.artifacts else {
                throw .invalid(pointer: "/name", reason: "A job has at most \(Limits.artifacts) artifacts.")
            }
            put(.updated, job, at: now, to: &events) { job in
                if isNoted { job.lease.heardAt = now }
                job.outcome.artifacts = others + [artifact]
            }
        case .complete(let result):
            end(job, RunOutcome(.completed, result: result, artifacts: job.outcome.artifacts), at: now, to: &events)
        case .fail(let failure, let mayRetry, let delay):
            let outcome = RunOutcome(
                .failed(failure, mayRetry: mayRetry), artifacts: job.outcome.artifacts, retryAfter: delay)
            end(job, outcome, at: now, to: &events)
        case .release: giveBack(job, after: .zero, at: now, to: &events)
        }
    }

    /// Whether to store when the worker was heard; where no time limit needs it, only the first time after the daemon
    /// started.
    private func notesHearing(of job: Job) -> Bool {
        job.lease.seconds != nil || job.asked.terms.timeouts.silence != nil
            || indexes.timers.isBeforeStart(job.lease.heardAt)
    }

    // MARK: Loss

    /// A worker's connection has ended, or its start came to nobody; a word that comes late does nothing.
    mutating func lose(_ id: JobID, _ run: Int64, at now: Timestamp, to events: inout [Event]) {
        guard let job = record(id)?.job, job.status == .processing, job.lease.runner == .worker, job.runs.last == run
        else {
            return
        }
        lose(job, to: .connection, at: now, to: &events)
        fill(job.asked.queue, at: now, events: &events)
    }

    /// Why a run is over of which nobody has said so.
    enum Loss {
        /// The daemon that ran it went down.
        case daemon
        /// Its worker's connection ended.
        case connection
        /// Its worker did not renew its lease in time.
        case expiry
    }

    /// Ends a job whose run was lost, gives it up, or queues it again.
    mutating func lose(_ job: Job, to loss: Loss, at now: Timestamp, to events: inout [Event]) {
        guard job.times.cancelRequestedAt == nil, job.runs.crashes + 1 >= rules.crashLimit else {
            return requeue(job, at: now, to: &events) { job in
                job.runs.crashes += 1
                job.lease.token = nil
                return JobFailure(.lost, message: loss.text, step: job.progress.step)
            }
        }
        put(.finished, job, at: now, to: &events) { job in
            job.runs.crashes += 1
            job.lease.token = nil
            job.outcome.error = JobFailure(
                .lost, message: loss.text(afterCrashes: job.runs.crashes), step: job.progress.step)
            job.end(as: .failed, at: now)
        }
    }
}

extension JobMap.Loss {
    fileprivate var text: String {
        switch self {
        case .daemon: "The service went down while it worked on this job."
        case .connection: "The connection of the worker that ran this job ended."
        case .expiry: "The worker that ran this job was not heard of in time."
        }
    }

    fileprivate func text(afterCrashes crashes: Int) -> String {
        let what =
            switch self {
            case .daemon: "The service went down \(crashes) times while it worked on this job"
            case .connection, .expiry: "Work on this job was lost \(crashes) times, the last time with its worker"
            }
        return "\(what), so it was given up. Tell the operator of this service, who can retry it."
    }
}

extension Job {
    /// Whether a word that comes again, with the token of the last run, is the one that ended that run.
    fileprivate func hasHeard(_ word: LeaseWord) -> Bool {
        switch word {
        case .report, .artifact: false
        case .complete: status == .completed || status == .cancelled
        case .fail: status == .failed || status == .cancelled || hasLeft(withError: true)
        case .release: status == .cancelled || hasLeft(withError: false)
        }
    }

    /// Whether it waits again, and how its last run went.
    private func hasLeft(withError: Bool) -> Bool {
        guard status == .queued || status == .scheduled, let last = runs.earlier.last, last.run == runs.last else {
            return false
        }
        return (last.error != nil) == withError
    }

    /// Whether it takes one of its queue's slots.
    package var holdsSlot: Bool {
        guard status == .processing else { return false }
        return switch lease.runner {
        case .jobd, .worker: true
        case .application, nil: false
        }
    }
}
