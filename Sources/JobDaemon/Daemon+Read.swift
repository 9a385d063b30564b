import JobModel
import JobWire
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

    /// Calls the body with what is durable about an id, nil when it never existed for whoever asks: at once, or after a read
    /// of the store.
    private func withRecord(
        _ id: JobID, for access: Access,
        _ body: @escaping @Sendable (isolated Daemon, Result<JobRecord?, Refusal>) -> Void
    ) {
        if let record = audience.record(id) { return body(self, .success(access.sees(record) ? record : nil)) }
        lookUp([.job(id)]) { daemon, failure in
            if let failure { return body(daemon, .failure(failure)) }
            body(daemon, .success(daemon.audience.record(id).flatMap { access.sees($0) ? $0 : nil }))
        }
    }

    /// Calls the body with a job as it is durable; without one, replies why there is none.
    func withJob(
        _ id: JobID, for access: Access, reply: @escaping Reply,
        _ body: @escaping @Sendable (isolated Daemon, Job) -> Void
    ) {
        withRecord(id, for: access) { daemon, record in
            switch record {
            case .failure(let refusal): reply(.failure(refusal))
            case .success(nil): reply(.failure(Refusal(.jobNotFound(id))))
            case .success(.gone(let tombstone)): reply(.failure(Refusal(.jobGone(tombstone))))
            case .success(.job(let job)): body(daemon, job)
            }
        }
    }

    // MARK: Watches

    /// Registers the watch and reads the present states in one turn, so that no change falls between.
    func watch(
        _ ids: [JobID]?, by access: Access, queue: String?, since: [JobID: Int64], listener: any WatchListener,
        reply: @escaping Reply
    ) {
        let unknown = Set((ids ?? []).filter { audience.record($0) == nil }.map(RecordID.job))
        guard unknown.isEmpty else {
            return lookUp(unknown) { daemon, failure in
                if let failure { return reply(.failure(failure)) }
                daemon.beginWatch(ids, by: access, queue: queue, since: since, listener: listener, reply: reply)
            }
        }
        beginWatch(ids, by: access, queue: queue, since: since, listener: listener, reply: reply)
    }

    private func beginWatch(
        _ ids: [JobID]?, by access: Access, queue: String?, since: [JobID: Int64], listener: any WatchListener,
        reply: @escaping Reply
    ) {
        guard listener.isActive else { return }
        do throws(Refusal) {
            let begun = try audience.watch(ids, by: access, queue: queue, since: since, for: listener)
            reply(.success(begun.reply))
            for record in begun.later { listener.changed(record, json: nil, watch: begun.watch) }
        } catch {
            reply(.failure(error))
        }
    }

    func unwatch(_ number: Int, of listener: any WatchListener) { audience.unwatch(number, of: listener) }
}
