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
        inBackground { [self] in
            let failure = await learn(job: id, files: [])
            await run { daemon in
                if let failure { return body(daemon, .failure(failure)) }
                body(daemon, .success(daemon.image.record(id)))
            }
        }
    }

    private func run(_ body: @Sendable (isolated Daemon) -> Void) { body(self) }

    // MARK: The store

    /// Reads records into the map and the image; those that do not exist stay unknown.
    func learn(job: JobID?, files: [FileID]) async -> Refusal? {
        do throws(StoreError) {
            if let job, let stored = try await store.record(job) {
                if image.record(job) == nil { image.set(stored) }
                // The map may have lost what the image has kept; it replaces nothing that it knows.
                map.admit(image.record(job) ?? stored)
            }
            guard !files.isEmpty else { return nil }
            for file in try await store.files(files) {
                map.admit(file)
                fileGuests.add(file.file.fileId)
            }
            return nil
        } catch {
            return refusal(for: error)
        }
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
        for id in image.evict(keeping: { watches.isWatched($0) }) { map.forget(id) }
        while let id = fileGuests.removeSurplus() { map.forget(id) }
    }
}

extension Command {
    /// The job that must be known before the command is decided.
    ///
    /// A create does not ask: it is decided as if the id were new, and when the store knows it, the commit says so.
    var jobToLookUp: JobID? {
        switch self {
        case .update(let id, _), .cancel(let id, _), .retry(let id), .delete(let id), .expire(let id): id
        case .create, .process, .adoptFile, .deleteFile, .pause, .resume, .report, .finish, .release, .tick, .recover:
            nil
        }
    }

    /// The files that must be known before the command is decided.
    func files(in map: JobMap) -> [FileID] {
        switch self {
        case .create(let creation), .process(let creation): creation.fileIds ?? []
        case .delete(let id), .expire(let id): map.record(id)?.job?.files.map(\.fileId) ?? []
        case .deleteFile(let id): [id]
        case .update, .cancel, .retry, .adoptFile, .pause, .resume, .report, .finish, .release, .tick, .recover: []
        }
    }
}
