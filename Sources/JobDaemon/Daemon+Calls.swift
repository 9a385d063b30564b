import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// Each method of the control protocol, and who answers it.
extension Daemon {
    func perform(_ call: Call, by access: Access, for listener: any WatchListener, reply: @escaping Reply) {
        switch call {
        case .command(.adoptFile(let file)): adopt(file, by: access, reply: reply)
        case .command(.renew(let proofs)): renew(proofs, by: access, for: listener, reply: reply)
        case .command(.say(let word, let proof)): say(word, proof, by: access, for: listener, reply: reply)
        case .command(let command): decide(command.scoped(to: access), by: access, reply: reply)
        case .getJob(let id, let since, let wait): get(id, by: access, since: since, wait: wait, reply: reply)
        case .changeJobs(let change): perform(change, reply: reply)
        case .explainJob(let id): explain(id, by: access, reply: reply)
        case .getBatch(let id): tell(of: id, isNew: nil, by: access, to: reply)
        case .listJobs(let fields): list(fields, by: access, for: listener, reply: reply)
        case .watch(let ids, let queue, let since):
            watch(ids, by: access, queue: queue, since: since, listener: listener, reply: reply)
        case .unwatch(let number):
            unwatch(number, of: listener)
            reply(.success(ByteBuffer(string: "{}")))
        case .readLog(let id, let run, let after, let limit):
            readLog(id, by: access, run: run, after: after, limit: limit, reply: reply)
        case .claim(let offer, let wait): claim(offer, wait: wait, by: access, for: listener, reply: reply)
        case .getInput(let proof, let id): getInput(proof, id, reply: reply)
        case .readFile(let id, let offset, let limit): readFile(id, offset: offset, limit: limit, reply: reply)
        case .beginArtifact(let proof, let name, let mediaType):
            beginArtifact(proof, name, mediaType: mediaType, for: listener, reply: reply)
        case .appendArtifact(let id, let bytes): append(bytes, to: id, for: listener, reply: reply)
        case .commitArtifact(let id, let sha256): commit(id, by: access, sha256: sha256, for: listener, reply: reply)
        case .adoptArtifact(let proof, let name, let file): adopt(file, as: name, of: proof, by: access, reply: reply)
        case .beginFile(let name): begin(name, as: .file, for: listener, reply: reply)
        case .appendFile(let id, let bytes): append(bytes, to: id, for: listener, reply: reply)
        case .commitFile(let id, let sha256): commit(id, by: access, sha256: sha256, for: listener, reply: reply)
        case .getFile(let id): getFile(id, by: access, reply: reply)
        case .getArtifact(let id, let name, let offset, let limit):
            getArtifact(name, of: id, by: access, offset: offset, limit: limit, reply: reply)
        case .listDeliveries(let fields): listDeliveries(fields, reply: reply)
        case .redeliver(let id): outbox.assumeIsolated { $0.redeliver(id, reply: reply) }
        case .takeDeliveries(let wait): outbox.assumeIsolated { $0.take(wait: wait, for: listener, reply: reply) }
        case .reportDelivery(let id, let outcome):
            outbox.assumeIsolated { $0.note(id, outcome, for: listener, reply: reply) }
        case .listQueues:
            reply(.success(ByteBuffer(bytes: (["queues": gauges.queues(in: committer.map)] as JSONValue).bytes)))
        case .getStats: withSpace(reply) { $0.stats(freeBytes: $1.freeBytes) }
        case .getMetrics: getMetrics(reply)
        case .reportFront(let report):
            gauges.record(report, of: ObjectIdentifier(listener))
            reply(.success(ByteBuffer(string: "{}")))
        case .reportUpload(let report): note(report, by: access, for: listener, reply: reply)
        case .serverStatus: withSpace(reply) { $0.status(freeBytes: $1.freeBytes) }
        case .reloadServer(let keys): reload(tokenKeys: keys, reply)
        case .inspectServer: inspect(reply)
        case .backUpServer(let directory): backUp(to: directory, reply)
        case .getSession, .makeToken, .reportRefusal:
            reply(.failure(Refusal(.forbidden, "Only who comes through a socket is somebody.")))
        case .discover: reply(.success(ByteBuffer(bytes: Method.openRPC(schemas: schemas).bytes)))
        }
    }

    /// Forgets a connection that has ended.
    func connectionEnded(_ listener: any WatchListener) {
        gauges.connectionEnded(ObjectIdentifier(listener))
        workerEnded(ObjectIdentifier(listener))
        audience.leave(listener)
        outbox.assumeIsolated { $0.end(ObjectIdentifier(listener)) }
        disk.discard(uploads.endAll(of: ObjectIdentifier(listener)))
    }

    func connectionBegan() { gauges.connectionBegan() }

    /// Replies once the disk has said how much room there is.
    private func withSpace(
        _ reply: @escaping Reply, _ body: @escaping @Sendable (isolated Daemon, DiskSpace) -> JSONValue
    ) {
        disk.space().hop(to: loop).whenComplete { result in
            self.assumeIsolated { daemon in
                reply(.success(ByteBuffer(bytes: body(daemon, (try? result.get()) ?? DiskSpace()).bytes)))
            }
        }
    }

    /// Reads the gauges on the loop, and the outbox and the text elsewhere.
    private func getMetrics(_ reply: @escaping Reply) {
        let now = clock.now
        disk.space().hop(to: loop).whenComplete { result in
            let (samples, registry) = self.assumeIsolated { daemon in
                (daemon.samples(space: (try? result.get()) ?? DiskSpace()), daemon.gauges.metrics.registry)
            }
            inBackground {
                let waiting = await self.outbox.pending().map { MetricSample.samples(of: $0, at: now) } ?? []
                let text = registry.text(with: samples + waiting + ProcessFigures.samples())
                reply(.success(ByteBuffer(bytes: JSONValue.object(["text": .string(text)]).bytes)))
            }
        }
    }

    // MARK: Jobs

    /// Reads a page, unless that takes too long or the connection ends before.
    private func list(
        _ fields: JobQueryFields, by access: Access, for listener: any WatchListener, reply: @escaping Reply
    ) {
        var query = JobQuery(fields)
        if let owner = access.listedOwner { query.owner = owner }
        audience.beginSearch(for: ObjectIdentifier(listener), on: loop) { number in
            inBackground { [self, query] in
                let outcome: Result<JobPage, StoreError>
                do throws(StoreError) {
                    outcome = .success(try await store.list(query))
                } catch {
                    outcome = .failure(error)
                }
                let page = outcome.map { JobList($0).encoded() }
                await finish(search: number, outcome, page, reply)
            }
        }
    }

    private func finish(
        search number: Int, _ outcome: Result<JobPage, StoreError>, _ page: Result<ByteBuffer, StoreError>,
        _ reply: Reply
    ) {
        let isTooLong = audience.endSearch(number)
        if case .success(let page) = outcome { log(damage: page.damage) }
        reply(
            page.mapError { error in
                isTooLong
                    ? Refusal(.unavailable, "This list takes too long; ask for fewer jobs, or without a text.")
                    : Refusal(reading: error, logger: logger)
            })
    }

    /// Registers the watch and reads the present states in one turn, so that no change falls between.
    private func watch(
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

    private func readLog(
        _ id: JobID, by access: Access, run: Int64?, after: Int64, limit: Int, reply: @escaping Reply
    ) {
        withRecord(id, for: access) { daemon, record in
            switch record {
            case .failure(let refusal): reply(.failure(refusal))
            case .success(nil): reply(.failure(Refusal(.jobNotFound(id))))
            case .success(.gone(let tombstone)): reply(.failure(Refusal(.jobGone(tombstone))))
            case .success(.job):
                let store = daemon.store
                daemon.read(reply) { () async throws(StoreError) in
                    let found = try await store.lines(of: id, run: run, after: after, limit: limit)
                    let lines = Self.page(of: found)
                    return [
                        "lines": .array(lines.map(\.json)), "next": JSONValue(lines.last?.number ?? after),
                    ]
                }
            }
        }
    }

    /// As many lines as a page may have, at least one.
    private static func page(of lines: [LogLine]) -> ArraySlice<LogLine> {
        var bytes = 0
        return lines.prefix { line in
            defer { bytes += line.text.utf8.reduce(100) { $0 + ($1 < 0x20 ? 6 : 1) } }
            return bytes < JobList.byteLimit
        }
    }

    private func getArtifact(
        _ name: ArtifactName, of id: JobID, by access: Access, offset: Int64, limit: Int, reply: @escaping Reply
    ) {
        withRecord(id, for: access) { daemon, record in
            switch record {
            case .failure(let refusal): return reply(.failure(refusal))
            case .success(nil): return reply(.failure(Refusal(.jobNotFound(id))))
            case .success(.gone(let tombstone)): return reply(.failure(Refusal(.jobGone(tombstone))))
            case .success(.job(let job)):
                guard let artifact = job.outcome.artifacts.first(where: { $0.name == name }) else {
                    return reply(
                        .failure(Refusal(.artifactNotFound, "The job \(id) has no artifact \(name).")))
                }
                var json = artifact.json.object ?? JSONObject()
                json["run"] = job.runs.last.map { JSONValue($0) } ?? .null
                guard limit > 0 else { return reply(.success(ByteBuffer(bytes: JSONValue.object(json).bytes))) }
                let described = json
                daemon.disk.read(name, of: id, run: job.runs.last, from: offset, limit: limit).whenComplete { result in
                    reply(
                        result.asReply { data in
                            var json = described
                            json["data"] = JSONValue(base64: data)
                            return .object(json)
                        })
                }
            }
        }
    }
}

extension Result {
    /// A reply with what `json` makes of the value; an error that is not a refusal is `internal`.
    func asReply(_ json: (Success) -> JSONValue) -> Result<ByteBuffer, Refusal> {
        switch self {
        case .success(let value): .success(ByteBuffer(bytes: json(value).bytes))
        case .failure(let error):
            .failure(error as? Refusal ?? Refusal(.internalError, "The files could not be used: \(error)"))
        }
    }
}

extension LogLine {
    fileprivate var json: JSONValue {
        [
            "n": JSONValue(number), "run": run == 0 ? .null : JSONValue(run), "at": JSONValue(at),
            "step": .string(step),
            "stream": .string(stream), "text": .string(text),
        ]
    }
}
