extension JobMap {
    /// Applies one command: what happens, or why nothing does.
    ///
    /// The events are in force in the map when this returns. No events means that there was nothing to change.
    package mutating func apply(_ command: Command, at now: Timestamp) throws(JobError) -> [Event] {
        var events: [Event] = []
        switch command {
        case .create(let creation): try create(creation, at: now, to: &events)
        case .process(let creation): try process(creation, at: now, to: &events)
        case .update(let id, let update): try self.update(try existing(id), with: update, at: now, to: &events)
        case .cancel(let id, let reason): try cancel(try existing(id), reason: reason, at: now, to: &events)
        case .retry(let id): try retry(try existing(id), at: now, to: &events)
        case .delete(let id): try delete(try existing(id), at: now, to: &events)
        case .adoptFile(let file): adopt(file, at: now, to: &events)
        case .deleteFile(let id): try deleteFile(id, to: &events)
        case .pause(let queue): try set(paused: true, queue: queue, at: now, to: &events)
        case .resume(let queue): try set(paused: false, queue: queue, at: now, to: &events)
        case .report(let id, let run, let report): self.report(id, run, report, at: now, to: &events)
        case .finish(let id, let run, let outcome): finish(id, run, outcome, at: now, to: &events)
        case .expire(let id): expire(id, at: now, to: &events)
        case .release(let id, let run): release(id, run, at: now, to: &events)
        case .tick: tick(at: now, to: &events)
        case .recover: recover(at: now, to: &events)
        }
        return events
    }

    /// The job of an id that a client named.
    private func existing(_ id: JobID) throws(JobError) -> Job {
        switch record(id) {
        case .job(let job): return job
        case .gone(let tombstone): throw .jobGone(tombstone)
        case nil: throw .jobNotFound(id)
        }
    }

    // MARK: Queues and time

    private mutating func set(
        paused isPaused: Bool, queue name: String, at now: Timestamp, to events: inout [Event]
    ) throws(JobError) {
        guard rules.widths[name] != nil else { throw .queueNotFound(name) }
        let wasPaused = queue(name).isPaused
        guard wasPaused != isPaused else { return }
        put(.queue(name: name, wasPaused: wasPaused, isPaused: isPaused), to: &events)
        fill(name, at: now, events: &events)
    }

    mutating func tick(at now: Timestamp, to events: inout [Event]) {
        while let job = nextDueJob(at: now) {
            put(.queued, job, at: now, to: &events) { job in
                job.status = .queued
                job.runAt = nil
            }
        }
        fillAll(at: now, events: &events)
    }

    // MARK: Files

    private mutating func adopt(_ file: JobFile, at now: Timestamp, to events: inout [Event]) {
        guard self.file(file.fileId) == nil else { return }
        let record = FileRecord(file: file, createdAt: now, uses: 0, revision: 1)
        put(.file(FileEvent(fileId: file.fileId, before: nil, after: record)), to: &events)
    }

    private mutating func deleteFile(_ id: FileID, to events: inout [Event]) throws(JobError) {
        guard let record = file(id) else { throw .fileNotFound(id) }
        guard record.uses == 0 else { throw .fileInUse(id) }
        put(.file(FileEvent(fileId: id, before: record, after: nil)), to: &events)
    }

    /// The files of these ids, in their order.
    func resolve(_ ids: [FileID]) throws(JobError) -> [JobFile] {
        var resolved: [JobFile] = []
        for id in ids {
            guard let record = file(id) else { throw .fileNotFound(id) }
            resolved.append(record.file)
        }
        return resolved
    }

    /// Counts a job more or less for each of its files; a file that loses its last job goes.
    mutating func use(_ jobFiles: [JobFile], by change: Int, to events: inout [Event]) {
        for jobFile in jobFiles {
            guard let before = file(jobFile.fileId) else { continue }
            var after = before
            after.uses += change
            after.revision += 1
            let remains = change > 0 || after.uses > 0
            put(.file(FileEvent(fileId: jobFile.fileId, before: before, after: remains ? after : nil)), to: &events)
        }
    }
}
