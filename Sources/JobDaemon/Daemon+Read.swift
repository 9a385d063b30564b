import JSON
import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore

/// The path of a read: the committed image, else the store; never a decision that is not durable.
extension Daemon {
    func get(_ id: JobID, since: Int64, wait: Duration, reply: @escaping Reply) {
        // Nearly every read ends here.
        if wait == .zero, let json = image.json(id) { return reply(.success(json)) }
        withRecord(id) { daemon, record in
            switch record {
            case .failure(let refusal): reply(.failure(refusal))
            case .success(.gone(let tombstone)): reply(.failure(Refusal(.jobGone(tombstone))))
            case .success(.job(let job)) where wait == .zero || job.version > since || job.status.isFinal:
                daemon.reply(with: job, to: reply)
            case .success where wait == .zero: reply(.failure(Refusal(.jobNotFound(id))))
            case .success: daemon.await(id, since: since, wait: wait, reply: reply)
            }
        }
    }

    private func `await`(_ id: JobID, since: Int64, wait: Duration, reply: @escaping Reply) {
        waiters.add(id) { number in
            let timeout = loop.scheduleTask(in: TimeAmount(wait)) {
                self.assumeIsolated { $0.giveUp(waiter: number, for: id) }
            }
            return Waiters.Waiter(since: since, reply: reply, timeout: timeout)
        }
    }

    /// Answers a waiter for whom nothing happened in time.
    private func giveUp(waiter number: Int, for id: JobID) {
        guard let waiter = waiters.remove(number, from: id) else { return }
        get(id, since: 0, wait: .zero, reply: waiter.reply)
    }

    private func reply(with job: Job, to reply: Reply) {
        reply(.success(image.json(job.jobId) ?? ByteBuffer(bytes: job.encoded())))
    }

    /// Calls the body with what is durable about an id, nil when it never existed: at once, or after a read of the store.
    func withRecord(
        _ id: JobID, _ body: @escaping @Sendable (isolated Daemon, Result<JobRecord?, Refusal>) -> Void
    ) {
        if let record = image.record(id) { return body(self, .success(record)) }
        lookUp(LookUps.Names(jobs: [id])) { daemon, failure in
            if let failure { return body(daemon, .failure(failure)) }
            body(daemon, .success(daemon.image.record(id)))
        }
    }

    // MARK: The store

    /// Reads records into the map and the image, then calls the body; what does not exist stays unknown.
    ///
    /// Nothing of it is forgotten before the body has returned.
    func lookUp(_ names: LookUps.Names, _ body: @escaping @Sendable (isolated Daemon, Refusal?) -> Void) {
        lookUps.begin(names)
        inBackground { [self] in
            do throws(StoreError) {
                var records: [JobRecord] = []
                for id in names.jobs { if let record = try await store.record(id) { records.append(record) } }
                let files = names.files.isEmpty ? [] : try await store.files(Array(names.files))
                await learn(names, records, files, body)
            } catch {
                await fail(names, refusal(for: error), body)
            }
        }
    }

    private func learn(
        _ names: LookUps.Names, _ records: [JobRecord], _ files: [FileRecord],
        _ body: @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        for record in records {
            // What became durable since the read began is in the image, and what was decided is in the map.
            if image.record(record.jobId) == nil { image.set(record) }
            map.admit(image.record(record.jobId) ?? record)
        }
        for file in files {
            map.admit(file)
            fileGuests.add(file.file.fileId)
        }
        body(self, nil)
        lookUps.end(names)
    }

    private func fail(
        _ names: LookUps.Names, _ refusal: Refusal, _ body: @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        body(self, refusal)
        lookUps.end(names)
    }

    /// Reads the store in the background and replies with what `body` makes of it.
    func read(_ reply: @escaping Reply, _ body: @escaping @Sendable () async throws(StoreError) -> JSONValue) {
        inBackground { [self] in
            do throws(StoreError) {
                let json = try await body()
                reply(.success(ByteBuffer(bytes: json.bytes)))
            } catch {
                reply(.failure(refusal(for: error)))
            }
        }
    }

    nonisolated func refusal(for error: StoreError) -> Refusal {
        logger.error("a read failed", metadata: ["reason": "\(error)"])
        return Refusal(.unavailable, "The store could not be read.")
    }

    /// Drops what was only kept because it was used lately.
    func evictGuests() {
        image.evict(isNeeded: { watches.isNamed($0) }, letGo: { !lookUps.contains($0) && map.forget($0) })
        for _ in 0..<fileGuests.surplus {
            guard let id = fileGuests.removeSurplus() else { return }
            if lookUps.contains(id) || !map.forget(id) { fileGuests.add(id) }
        }
    }
}
