import JSON
import JobModel
import JobWire
import NIOCore

/// Each method of the control protocol, and who answers it.
extension Daemon {
    func perform(_ call: Call, by access: Access, for listener: any WatchListener, reply: @escaping Reply) {
        switch call {
        case .command(.adoptFile(let file)): adopt(file, by: access, reply: reply)
        case .command(.renew(let proofs)):
            work.renew(proofs, by: access, for: listener, from: self, reply: reply)
        case .command(.say(let word, let proof)):
            work.say(word, proof, by: access, for: listener, to: self, reply: reply)
        case .command(let command): decide(command.scoped(to: access), by: access, reply: reply)
        case .getJob(let id, let since, let wait): get(id, by: access, since: since, wait: wait, reply: reply)
        case .changeJobs(let change): perform(change, reply: reply)
        case .explainJob(let id): explain(id, by: access, reply: reply)
        case .getBatch(let id): answer(with: id, isNew: nil, by: access, to: reply)
        case .listJobs(let query): list(query, by: access, for: listener, reply: reply)
        case .watch(let ids, let queue, let since):
            watch(ids, by: access, queue: queue, since: since, listener: listener, reply: reply)
        case .unwatch(let number):
            unwatch(number, of: listener)
            reply(.success(ByteBuffer(string: "{}")))
        case .readLog(let id, let run, let after, let limit):
            readLog(id, by: access, run: run, after: after, limit: limit, reply: reply)
        case .claim(let offer, let wait):
            work.claim(offer, wait: wait, by: access, for: listener, from: self, reply: reply)
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
        case .listDeliveries(let query): listDeliveries(query, reply: reply)
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
        work.connectionEnded(ObjectIdentifier(listener), on: self)
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
