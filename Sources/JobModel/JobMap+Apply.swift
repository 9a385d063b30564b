extension JobMap {
    /// Applies one command: what happens, or why nothing does.
    ///
    /// The events are in force in the map when this returns: those of a tick about ``Limits/decisionEvents`` at most, those of
    /// a batch one or two for each of its jobs. No events means that there was nothing to change. What `access` does not reach
    /// is for it as if it had never been; only that an id is taken is told to who would make a job under it.
    package mutating func apply(
        _ command: Command, by access: Access = .everything, at now: Timestamp
    ) throws(JobError) -> [Event] {
        var events: [Event] = []
        switch command {
        case .create(let creation): try create(creation, by: access, at: now, to: &events)
        case .process(let creation): try process(creation, by: access, at: now, to: &events)
        case .update(let id, let update, let version):
            try self.update(
                try existing(id, in: version, for: access), with: update, by: access, at: now, to: &events)
        case .cancel(let id, let reason, let version):
            try cancel(try existing(id, in: version, for: access), reason: reason, at: now, to: &events)
        case .retry(let id, let version):
            try retry(try existing(id, in: version, for: access), by: access, at: now, to: &events)
        case .delete(let id, let version): try delete(try existing(id, in: version, for: access), at: now, to: &events)
        case .adoptFile(let file): try adopt(file, by: access, at: now, to: &events)
        case .deleteFile(let id): try deleteFile(id, for: access, to: &events)
        case .createUpload(let creation): try create(creation, by: access, at: now, to: &events)
        case .readUpload(let id): try checkUpload(id, for: access)
        case .setUploadLength(let id, let length): try setLength(of: id, to: length, for: access, to: &events)
        case .deleteUpload(let id): try deleteUpload(id, for: access, to: &events)
        case .forgetUpload(let id): forgetUpload(id, to: &events)
        case .createBatch(let creation): try create(creation, by: access, at: now, to: &events)
        case .cancelBatch(let id, let reason): try cancel(id, by: access, reason: reason, at: now, to: &events)
        case .pause(let queue): try set(paused: true, queue: queue, at: now, to: &events)
        case .resume(let queue): try set(paused: false, queue: queue, at: now, to: &events)
        case .putSchedule(let name, let plan): try put(plan, named: name, at: now, to: &events)
        case .deleteSchedule(let name): try delete(schedule: name, to: &events)
        case .runSchedule(let name): try run(schedule: name, at: now, to: &events)
        case .readSchedules: break
        case .syncSchedules(let plans): sync(plans, at: now, to: &events)
        case .drain: set(drained: true, at: now, to: &events)
        case .undrain: set(drained: false, at: now, to: &events)
        case .report(let id, let run, let report): self.report(id, run, report, at: now, to: &events)
        case .finish(let id, let run, let outcome): finish(id, run, outcome, at: now, to: &events)
        case .expire(let id): expire(id, at: now, to: &events)
        case .evict(let id): evict(id, at: now, to: &events)
        case .release(let id, let run, let delay): release(id, run, after: delay, at: now, to: &events)
        case .claim(let offer): try claim(offer, at: now, to: &events)
        case .renew(let proofs): renew(proofs, at: now, to: &events)
        case .say(let word, let proof): try say(word, of: proof, at: now, to: &events)
        case .lose(let id, let run): lose(id, run, at: now, to: &events)
        case .tick: tick(at: now, to: &events)
        case .recover: recover(at: now, to: &events)
        }
        offers.decisionEnds()
        return events
    }

    /// The job of an id that a client named, if it has the version that he expects.
    private func existing(_ id: JobID, in version: Int64?, for access: Access) throws(JobError) -> Job {
        switch record(id) {
        case let record? where !access.sees(record): throw .jobNotFound(id)
        case .job(let job):
            if let version, version != job.version { throw .versionConflict(job, expected: version) }
            return job
        case .gone(let tombstone): throw .jobGone(tombstone)
        case nil: throw .jobNotFound(id)
        }
    }
}
