import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore
import Synchronization

/// The path of a change: decide, commit, then act and tell.
extension Daemon {
    /// Times a decision is made anew after conflicts before its client is told to come back later.
    private static let maximumTries = 5
    /// How long the daemon waits before it says again what a failed commit took back.
    private static let pauseAfterFailure: Duration = .seconds(1)

    // MARK: Decide

    /// Decides a command, once everything is known that it names.
    func decide(_ command: Command, reply: Reply? = nil) {
        let unknown = command.jobToLookUp.flatMap { map.record($0) == nil ? $0 : nil }
        let unknownFiles = command.files(in: map).filter { map.file($0) == nil }
        if unknown == nil, unknownFiles.isEmpty { return decideNow(command, reply: reply) }
        inBackground { [self] in
            if let error = await learn(job: unknown, files: unknownFiles) {
                reply?(.failure(error))
            } else {
                await decideLearnt(command, reply: reply)
            }
        }
    }

    /// A job that was read may name files that were not; one more round finds them.
    private func decideLearnt(_ command: Command, reply: Reply?) async {
        let files = command.files(in: map).filter { map.file($0) == nil }
        if !files.isEmpty { _ = await learn(job: nil, files: files) }
        decideNow(command, reply: reply)
    }

    private func decideNow(_ command: Command, reply: Reply?, tries: Int = 0) {
        let decision: Decision
        do throws(JobError) {
            let events = try map.apply(command, at: clock.now)
            let answer = answer(to: command, events: events)
            decision = Decision(command: command, reply: reply, events: events, answer: answer, tries: tries)
        } catch {
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
        case .cancel(let id, _):
            return job(id, .flagged("ended", map.record(id)?.job?.status == .cancelled))
        case .update(let id, _), .retry(let id): return job(id, .bare)
        case .delete:
            guard case .job(let event)? = events.last, let before = event.before else { return .value([:]) }
            return .job(before, .bare)
        case .adoptFile(let file): return .value(file.json)
        case .deleteFile: return .value([:])
        case .pause(let queue), .resume(let queue): return .value(summary(ofQueue: queue))
        case .report, .finish, .expire, .release, .tick, .recover: return .value([:])
        }
    }

    // MARK: Commit

    /// Writes batch after batch until there is none; first called on the loop, then on the store's thread.
    private nonisolated func commitNext() {
        guard let batch = batches.withLock({ $0.begin() }) else { return }
        let events = batch.flatMap(\.events)
        // Refusals and the like that waited for what was before them.
        if events.isEmpty { return written(0, since: .now()) }
        let start = NIODeadline.now()
        store.commit(events) { [self] result in
            switch result {
            case .success: written(events.count, since: start)
            case .failure(let error): loop.execute { self.assumeIsolated { $0.takeBack(error) } }
            }
        }
    }

    private nonisolated func written(_ count: Int, since start: NIODeadline) {
        let nanoseconds = (NIODeadline.now() - start).nanoseconds
        batches.withLock { $0.finish() }
        loop.execute {
            self.assumeIsolated { daemon in
                if count > 0 { daemon.metrics.recordCommit(ofEvents: count, nanoseconds: nanoseconds) }
                daemon.tellWritten()
            }
        }
        commitNext()
    }

    private func tellWritten() {
        isStoreWell = true
        for decision in batches.withLock({ $0.takeWritten() }) {
            for event in decision.events { publish(event) }
            answer(decision)
        }
        evictGuests()
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
    private func encoded(_ record: JobRecord) -> ByteBuffer? {
        if let current = image.record(record.jobId), current.revision == record.revision {
            return image.json(record.jobId)
        }
        return record.job.map { ByteBuffer(bytes: $0.encoded()) }
    }

    // MARK: Act and tell

    private func publish(_ event: Event) {
        totals.count(event)
        switch event {
        case .job(let event):
            statistics.record(event)
            metrics.record(event)
            image.set(event.after)
            act(on: event)
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
            logger.debug("job started", metadata: ["job": "\(id)", "attempt": "\(job.attempt)"])
            runner.run(job)
        case .cancelRequested:
            if let job = event.after.job { runner.cancel(id, attempt: job.attempt) }
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

    // MARK: When the store says no

    /// Undoes everything that is not durable, newest first, then answers or decides anew.
    private func takeBack(_ error: StoreError) {
        metrics.recordFailedCommit()
        let decisions = batches.withLock { $0.takeFailed() }
        for decision in decisions.reversed() {
            for event in decision.events.reversed() { map.undo(event) }
        }
        switch error {
        case .damaged(let reason):
            logger.critical("the store is damaged", metadata: ["reason": "\(reason)"])
            damageHandler(reason)
        case .conflict(let conflict):
            learn(conflict)
            for decision in decisions { decideAgain(decision, otherwise: .unavailable) }
        case .full(let reason):
            refuse(decisions, .storageFull, "There is no space left to store this.", reason)
        case .unavailable(let reason):
            refuse(decisions, .unavailable, "The store did not take this; try again in a moment.", reason)
        }
        if isIdle { becameIdle() }
    }

    /// The reason is for the operator; strangers are told what it means for them.
    private func refuse(_ decisions: [Decision], _ code: ErrorCode, _ message: String, _ reason: String) {
        isStoreWell = false
        logger.error("a commit failed", metadata: ["code": "\(code.rawValue)", "reason": "\(reason)"])
        for decision in decisions {
            decision.reply?(.failure(Refusal(code, message)))
            if decision.reply == nil { saveForLater(decision.command) }
        }
        wakeAfterFailure()
    }

    /// Finds out whether the store takes changes again: nobody else would, when all stay away because it does not.
    func checkStore() {
        inBackground { [self] in
            do throws(StoreError) {
                try await store.checkWritable()
                await storeIsWell()
            } catch {
                await wakeAfterFailure()
            }
        }
    }

    private func storeIsWell() {
        isStoreWell = true
        logger.notice("the store takes changes again")
    }

    private func wakeAfterFailure() { wake(at: clock.now + Self.pauseAfterFailure) }

    private func decideAgain(_ decision: Decision, otherwise code: ErrorCode) {
        if decision.tries < Self.maximumTries {
            decideNow(decision.command, reply: decision.reply, tries: decision.tries + 1)
        } else {
            refuse([decision], code, "Others keep changing the same jobs.", "conflicts")
        }
    }

    /// Only what a running attempt says would be lost; time passes again by itself.
    private func saveForLater(_ command: Command) {
        switch command {
        case .report, .finish, .release, .recover: unsaid.append(command)
        case .expire, .tick, .create, .process, .update, .cancel, .retry, .delete, .adoptFile, .deleteFile, .pause,
            .resume:
            break
        }
    }

    /// Takes over what the store has instead of what the map believed.
    private func learn(_ conflict: StoreError.Conflict) {
        for record in conflict.jobs {
            map.replace(record)
            image.set(record)
        }
        for id in conflict.missingJobs {
            map.remove(id)
            image.remove(id)
        }
        for file in conflict.files { map.replace(file) }
        for id in conflict.missingFiles { map.forget(id) }
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
