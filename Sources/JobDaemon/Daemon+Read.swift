import JSON
import JobModel
import JobStorage
import JobWire
import Logging
import NIOCore

/// The path of a read: the committed image, else the store; never a decision that is not durable.
extension Daemon {
    func get(_ id: JobID, by access: Access, since: Int64, wait: Duration, reply: @escaping Reply) {
        // Nearly every read ends here.
        if wait == .zero, audience.record(id).map(access.sees) == true, let json = audience.json(id) {
            return reply(.success(json))
        }
        withRecord(id, for: access) { daemon, record in
            switch record {
            case .failure(let refusal): reply(.failure(refusal))
            case .success(.gone(let tombstone)): reply(.failure(Refusal(.jobGone(tombstone))))
            case .success(.job(let job)) where wait == .zero || job.version > since || job.status.isFinal:
                daemon.reply(with: job, to: reply)
            case .success where wait == .zero: reply(.failure(Refusal(.jobNotFound(id))))
            case .success: daemon.await(id, by: access, since: since, wait: wait, reply: reply)
            }
        }
    }

    private func `await`(
        _ id: JobID, by access: Access, since: Int64, wait: Duration, reply: @escaping Reply
    ) {
        audience.wait(for: id, by: access, since: since, reply: reply) { number in
            loop.scheduleTask(in: TimeAmount(wait)) { self.assumeIsolated { $0.giveUp(waiter: number, for: id) } }
        }
    }

    /// Answers a request for which nothing happened in time.
    private func giveUp(waiter number: Int, for id: JobID) {
        guard let waiter = audience.giveUp(number, on: id) else { return }
        get(id, by: waiter.access, since: 0, wait: .zero, reply: waiter.reply)
    }

    private func reply(with job: Job, to reply: Reply) {
        reply(.success(audience.json(job.jobId) ?? ByteBuffer(bytes: job.encoded())))
    }

    /// Calls the body with what is durable about an id, nil when it never existed for whoever asks: at once, or after a read of the store.
    func withRecord(
        _ id: JobID, for access: Access,
        _ body: @escaping @Sendable (isolated Daemon, Result<JobRecord?, Refusal>) -> Void
    ) {
        if let record = audience.record(id) { return body(self, .success(access.sees(record) ? record : nil)) }
        lookUp([.job(id)]) { daemon, failure in
            if let failure { return body(daemon, .failure(failure)) }
            body(daemon, .success(daemon.audience.record(id).flatMap { access.sees($0) ? $0 : nil }))
        }
    }

    // MARK: The store

    /// Reads records into the map and the image, then calls the body; what does not exist stays unknown.
    ///
    /// Nothing of it, and nothing that was read before and is kept, is forgotten before the body has returned. A read says how
    /// things were when it began: what was told since then is in memory, and stays there.
    func lookUp(
        _ names: Set<RecordID>, keeping known: Set<RecordID> = [],
        _ body: @escaping @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        let kept = names.union(known)
        committer.beginLookUp(kept)
        inBackground { [self] in
            do throws(StoreError) {
                var (jobs, files): ([JobRecord], [FileID]) = ([], [])
                var named: [NamedRecord] = []
                var zones: [String: TimeZoneRules] = [:]
                for name in names {
                    switch name {
                    case .job(let id): if let record = try await store.record(id) { jobs.append(record) }
                    case .file(let id): files.append(id)
                    case .dedupeKey(let key): if let record = try await store.job(with: key) { jobs.append(record) }
                    case .batch, .schedule, .upload, .drain:
                        if let record = try await store.named(name) { named.append(record) }
                    case .timeZone(let zone): if let rules = clock.timeZone(zone) { zones[zone] = rules }
                    case .queue: break
                    }
                }
                for (name, zone) in zones { await admit(zone, named: name) }
                await learn(jobs, files.isEmpty ? [] : try await store.files(files), named)
                await endLookUp(kept, nil, body)
            } catch {
                await endLookUp(kept, Refusal(reading: error, logger: logger), body)
            }
        }
    }

    private func admit(_ zone: TimeZoneRules, named name: String) { committer.admit(zone, named: name) }

    private func learn(_ jobs: [JobRecord], _ files: [FileRecord], _ named: [NamedRecord]) {
        for record in jobs {
            committer.admit(audience.admit(record))
        }
        for file in files { committer.admit(file) }
        for record in named { committer.admit(record) }
    }

    private func endLookUp(
        _ names: Set<RecordID>, _ refusal: Refusal?, _ body: @Sendable (isolated Daemon, Refusal?) -> Void
    ) {
        body(self, refusal)
        committer.endLookUp(names)
    }

    /// Reads the store in the background and replies with what `body` makes of it.
    func read(_ reply: @escaping Reply, _ body: @escaping @Sendable () async throws(StoreError) -> JSONValue) {
        inBackground { [self] in
            do throws(StoreError) {
                let json = try await body()
                reply(.success(ByteBuffer(bytes: json.bytes)))
            } catch {
                reply(.failure(Refusal(reading: error, logger: logger)))
            }
        }
    }

    func listDeliveries(_ fields: DeliveryQueryFields, reply: @escaping Reply) {
        let query = DeliveryQuery(
            webhook: fields.webhook, jobId: fields.jobId, status: fields.status, limit: fields.limit,
            before: fields.before)
        read(reply) { [store] () async throws(StoreError) in
            let page = try await store.deliveries(query)
            let last = page.count == query.limit ? page.last : nil
            return [
                "deliveries": .array(page.map(\.json)),
                "nextCursor": last.map { .string(String($0.number)) } ?? .null,
            ]
        }
    }
}

extension Refusal {
    /// For a read that failed, which is logged.
    init(reading error: StoreError, logger: Logger) {
        logger.error("a read failed", metadata: ["reason": "\(error)"])
        if case .damagedRecord(_, let reason) = error {
            self.init(.unavailable, reason)
        } else {
            self.init(.unavailable, "The store could not be read.")
        }
    }
}
