import JSON
import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore
import Synchronization

/// The path of a change: decide, commit, then act and tell.
extension Daemon {
    // MARK: Decide

    /// Decides a command, once everything is known that it names.
    ///
    /// It was taken back `tries` times before. The store was asked for it about the ids in `asked`: of these, the unknown do
    /// not exist.
    func decide(_ command: Command, reply: Reply? = nil, tries: Int = 0, asked: LookUps.Names = .init()) {
        var unknown = command.names(in: map)
        if !unknown.isEmpty { unknown = unknown.subtracting(asked) }
        if unknown.isEmpty { return decideNow(command, reply: reply, tries: tries, asked: asked) }
        ask(for: unknown, then: command, reply: reply, tries: tries, asked: asked)
    }

    private func ask(
        for names: LookUps.Names, then command: Command, reply: Reply?, tries: Int, asked: LookUps.Names
    ) {
        lookUp(names) { daemon, failure in
            if let failure {
                reply?(.failure(failure))
            } else {
                daemon.decide(command, reply: reply, tries: tries, asked: asked.union(names))
            }
        }
    }

    private func decideNow(_ command: Command, reply: Reply?, tries: Int, asked: LookUps.Names) {
        guard !isDamaged else {
            reply?(.failure(Self.storeIsDamaged))
            return
        }
        let decision: Decision
        do throws(JobError) {
            let events = try map.apply(command, at: readClock())
            let answer = answer(to: command, events: events)
            decision = Decision(command: command, reply: reply, events: events, answer: answer, tries: tries)
        } catch {
            // Whether the id is that of a job decides what is wrong with the request, and whether anything is.
            if let id = command.jobToMake, map.record(id) == nil, !asked.jobs.contains(id) {
                return ask(for: .init(jobs: [id]), then: command, reply: reply, tries: tries, asked: asked)
            }
            decision = Decision(
                command: command, reply: reply, events: [], answer: .refused(Refusal(error)), tries: tries)
        }
        if decision.events.isEmpty, isIdle { return answer(decision) }
        // Not before the end of this turn of the loop: what else it decides shares the write.
        if batches.withLock({ $0.add(decision) }) { loop.execute { self.commitNext() } }
    }

    private func answer(to command: Command, events: [Event]) -> Answer {
        func job(_ id: JobID, _ envelope: Answer.Envelope) -> Answer {
            map.record(id).map { .job($0, envelope) } ?? .value([:])
        }
        switch command {
        case .create(let creation): return job(creation.jobId, .flagged("created", !events.isEmpty))
        case .process(let creation): return job(creation.jobId, .flagged("started", !events.isEmpty))
        case .cancel(let id, _, _):
            return job(id, .flagged("ended", map.record(id)?.job?.status == .cancelled))
        case .update(let id, _, _), .retry(let id, _): return job(id, .bare)
        case .delete:
            guard case .job(let event)? = events.last, let before = event.before else { return .value([:]) }
            return .job(before, .bare)
        case .adoptFile(let file): return .value((map.file(file.fileId)?.file ?? file).json)
        case .deleteFile: return .value([:])
        case .pause(let queue), .resume(let queue): return .value(summary(ofQueue: queue))
        case .report, .finish, .expire, .release, .tick, .recover: return .value([:])
        }
    }

    // MARK: Commit

    /// Writes batch after batch until there is none; first called on the loop, then on the store's thread.
    private nonisolated func commitNext() {
        while let batch = batches.withLock({ $0.begin() }) {
            let events = batch.flatMap(\.events)
            // Refusals and the like that waited for what was before them.
            guard !events.isEmpty else {
                finishBatch(nil)
                continue
            }
            let start = NIODeadline.now()
            return store.commit(events) { [self] result in
                switch result {
                case .success:
                    finishBatch((events.count, NIODeadline.now() - start))
                    commitNext()
                case .failure(let error): loop.execute { self.assumeIsolated { $0.takeBack(error) } }
                }
            }
        }
    }

    /// Lets the loop tell what is durable now, by a write of so many events that took so long, if it needed one.
    private nonisolated func finishBatch(_ write: (count: Int, time: TimeAmount)?) {
        batches.withLock { $0.finish() }
        loop.execute {
            self.assumeIsolated { daemon in
                if let write {
                    daemon.metrics.recordCommit(ofEvents: write.count, nanoseconds: write.time.nanoseconds)
                }
                daemon.tellWritten()
            }
        }
    }

    private func tellWritten() {
        for decision in batches.withLock({ $0.takeWritten() }) {
            for event in decision.events { publish(event) }
            answer(decision)
        }
        evictGuests()
        storeIsWell()
        scheduleWake()
        if isIdle { becameIdle() }
    }

    private func answer(_ decision: Decision) {
        guard let reply = decision.reply else { return }
        switch decision.answer {
        case .refused(let refusal): reply(.failure(refusal))
        case .value(let json): reply(.success(ByteBuffer(bytes: json.bytes)))
        case .job(let record, let envelope):
            guard let json = encoded(record) else { return reply(.success(ByteBuffer(string: "{}"))) }
            reply(.success(envelope.wrap(json)))
        }
    }

    /// The encoded form of a record, shared with the image where it is the same state.
    func encoded(_ record: JobRecord) -> ByteBuffer? {
        if let current = image.record(record.jobId), current.revision == record.revision {
            return image.json(record.jobId)
        }
        return record.job.map { ByteBuffer(bytes: $0.encoded()) }
    }

    // MARK: Act and tell

    private func publish(_ event: Event) {
        totals.count(event)
        map.settle(event)
        switch event {
        case .job(let event):
            statistics.record(event, by: wallClock)
            metrics.record(event, by: wallClock)
            act(on: event)
            // A read may have found a later state, which is durable before it is told.
            if let known = image.record(event.after.jobId), known.revision > event.after.revision { return }
            image.set(event.after)
            if event.isVisible { tellOthers(of: event.after) }
        case .file(let event):
            if event.after == nil { disk.remove(file: event.fileId) }
            fileGuests.add(event.fileId)
        case .queue: break
        }
    }

    private func act(on event: JobEvent) {
        let id = event.after.jobId
        switch event.kind {
        case .started:
            guard let job = event.after.job else { return }
            logger.debug("job started", metadata: ["job": "\(id)", "run": "\(job.run ?? 0)"])
            runner.run(job)
        case .cancelRequested:
            if let run = event.after.job?.run { runner.cancel(id, run: run) }
        case .deleted:
            logger.debug("job deleted", metadata: ["job": "\(id)"])
            disk.removeArtifacts(of: id)
        case .finished: if let job = event.after.job { endLog.add(job, to: logger) }
        case .created: logger.debug("job created", metadata: ["job": "\(id)"])
        case .retried: logger.info("job is run again", metadata: ["job": "\(id)"])
        case .updated, .queued: break
        }
    }

    private func tellOthers(of record: JobRecord) {
        let id = record.jobId
        guard watches.isWatched(id) || waiters.areWaiting(for: id) else { return }
        watches.tell(record, json: encoded(record))
        waiters.tell(record, json: encoded(record))
    }
}

extension Answer.Envelope {
    fileprivate func wrap(_ job: ByteBuffer) -> ByteBuffer {
        switch self {
        case .bare: return job
        case .flagged(let name, let flag):
            var buffer = ByteBuffer()
            buffer.reserveCapacity(job.readableBytes + 32)
            buffer.writeStaticString(#"{"job":"#)
            buffer.writeImmutableBuffer(job)
            buffer.writeStaticString(",\"")
            buffer.writeStaticString(name)
            buffer.writeString("\":\(flag)}")
            return buffer
        }
    }
}
