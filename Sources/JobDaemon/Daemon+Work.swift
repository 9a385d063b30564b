import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// Work that is done elsewhere: who waits for it, who has it, and what it made.
extension Daemon {
    // MARK: Claims

    /// Asks for jobs; the reply comes when there are some, or when the wait is over.
    func claim(
        _ offer: Offer, wait: Duration, by access: Access, for listener: any WatchListener, reply: @escaping Reply
    ) {
        let claim = Workers.Claim(
            connection: ObjectIdentifier(listener), reply: reply, isByConnection: offer.leaseSeconds == nil, wait: wait)
        guard !isStopping else { return reply(.success(Self.claimed([]))) }
        guard workers.add(claim, of: offer.id) else {
            let problem = "A connection waits for jobs at most \(Workers.waitingClaims) times at once."
            return reply(.failure(Refusal(.tooManyRequests, problem)))
        }
        decide(.claim(offer), by: access) { result in
            self.assumeIsolated { daemon in
                switch result {
                case .success: daemon.beginWaiting(offer.id)
                case .failure(let refusal): daemon.giveUp(offer.id, because: refusal)
                }
            }
        }
    }

    /// The claim is decided, and durable what it got at once.
    private func beginWaiting(_ offer: OfferID) {
        guard let wait = workers.wait(of: offer) else { return }
        guard wait > .zero else { return endWaiting(offer) }
        let timeout = loop.scheduleTask(in: TimeAmount(wait)) { self.assumeIsolated { $0.endWaiting(offer) } }
        workers.setTimeout(timeout, of: offer)
    }

    /// Answers that there was nothing; what it is just getting is waited for.
    private func endWaiting(_ offer: OfferID) {
        guard workers.wait(of: offer) != nil else { return }
        guard committer.withdraw(offer) else {
            let timeout = loop.scheduleTask(in: .milliseconds(100)) { self.assumeIsolated { $0.endWaiting(offer) } }
            return workers.setTimeout(timeout, of: offer)
        }
        workers.take(offer)?.reply(.success(Self.claimed([])))
    }

    private func giveUp(_ offer: OfferID, because refusal: Refusal) {
        _ = committer.withdraw(offer)
        workers.take(offer)?.reply(.failure(refusal))
    }

    /// Hands over what workers got with a decision that is durable.
    func handOver(_ events: [Event]) {
        var got: [OfferID: [JobRecord]] = [:]
        for case .job(let event) in events {
            if event.before?.runner == .worker, let before = event.before?.job, let run = before.runs.last,
                before.status == .processing, event.after.status != .processing
            {
                workers.letGo(.init(jobId: before.jobId, run: run))
            }
            if let offer = event.takenOffer { got[offer, default: []].append(event.after) }
        }
        for (offer, records) in got {
            let jobs = records.compactMap(\.job)
            guard let claim = workers.take(offer) else {
                // Its connection has ended meanwhile.
                for job in jobs { lose(job) }
                continue
            }
            if claim.isByConnection { for job in jobs { hold(job, by: claim.connection) } }
            // Nearly always nobody else will read this state, so it is not kept for others.
            let described = zip(records, jobs).map { record, job in
                (audience.known(record) ?? ByteBuffer(bytes: job.encoded()), job.lease.json)
            }
            claim.reply(.success(Self.claimed(described)))
        }
    }

    private func hold(_ job: Job, by connection: ObjectIdentifier) {
        if let run = job.runs.last { workers.hold(.init(jobId: job.jobId, run: run), by: connection) }
    }

    private func lose(_ job: Job) {
        if let run = job.runs.last { decide(.lose(job.jobId, run: run)) }
    }

    private static func claimed(_ jobs: [(json: ByteBuffer, lease: JSONValue)]) -> ByteBuffer {
        var body = ByteBuffer(string: #"{"jobs":["#)
        for (index, job) in jobs.enumerated() {
            body.writeString(index == 0 ? #"{"job":"# : #",{"job":"#)
            body.writeImmutableBuffer(job.json)
            body.writeString(#","lease":\#(job.lease.text)}"#)
        }
        body.writeStaticString("]}")
        return body
    }

    /// Jobs that a connection held are back at once; not when the daemon closes it, because then its worker comes again.
    func workerEnded(_ connection: ObjectIdentifier) {
        let (offers, runs) = workers.end(connection)
        for offer in offers { _ = committer.withdraw(offer) }
        guard !isStopping else { return }
        for run in runs { decide(.lose(run.jobId, run: run.run)) }
    }

    /// Nobody gets anything any more.
    func endClaims() {
        for claim in workers.takeAll() { claim.reply(.success(Self.claimed([]))) }
    }

    // MARK: Words

    /// Keeps leases; those without a time belong to the connection that named them last.
    func renew(
        _ proofs: [LeaseProof], by access: Access, for listener: any WatchListener, reply: @escaping Reply
    ) {
        decide(.renew(proofs), by: access) { result in
            if case .success = result {
                self.assumeIsolated { $0.hold(proofs, by: listener) }
            }
            reply(result)
        }
    }

    /// Takes what a worker says of its run.
    ///
    /// One that comes back without having renewed its lease holds it again.
    func say(
        _ word: LeaseWord, _ proof: LeaseProof, by access: Access, for listener: any WatchListener,
        reply: @escaping Reply
    ) {
        guard !word.endsRun else { return decide(.say(word, proof), by: access, reply: reply) }
        decide(.say(word, proof), by: access) { result in
            if case .success = result { self.assumeIsolated { $0.holdUnlessHeld(proof, by: listener) } }
            reply(result)
        }
    }

    private func holdUnlessHeld(_ proof: LeaseProof, by listener: any WatchListener) {
        guard let job = committer.map.leased(proof), let run = job.runs.last,
            !workers.isHeld(.init(jobId: job.jobId, run: run))
        else { return }
        hold([proof], by: listener)
    }

    private func hold(_ proofs: [LeaseProof], by listener: any WatchListener) {
        for proof in proofs {
            guard let job = committer.map.leased(proof), job.lease.seconds == nil else { continue }
            if listener.isActive { hold(job, by: ObjectIdentifier(listener)) } else { lose(job) }
        }
    }

    // MARK: Files

    func getInput(_ proof: LeaseProof, _ id: FileID, reply: @escaping Reply) {
        guard let job = committer.map.leased(proof) else { return reply(.failure(Refusal(.leaseLost(proof.jobId)))) }
        guard let file = job.input.files.first(where: { $0.fileId == id }) else {
            return reply(.failure(Refusal(.fileNotFound, "The job \(job.jobId) has no file \(id).")))
        }
        reply(.success(ByteBuffer(bytes: file.json.bytes)))
    }

    func readFile(_ id: FileID, offset: Int64, limit: Int, reply: @escaping Reply) {
        inBackground { [self] in
            do throws(StoreError) {
                guard try await store.files([id]).first != nil else {
                    return reply(.failure(Refusal(.fileNotFound(id))))
                }
            } catch {
                return reply(.failure(Refusal(reading: error, logger: logger)))
            }
            disk.read(id, from: offset, limit: limit).whenComplete { result in
                reply(result.asReply { ["data": JSONValue(base64: $0)] })
            }
        }
    }

    func beginArtifact(
        _ proof: LeaseProof, _ name: ArtifactName, mediaType: String?, for listener: any WatchListener,
        reply: @escaping Reply
    ) {
        guard committer.map.leased(proof) != nil else { return reply(.failure(Refusal(.leaseLost(proof.jobId)))) }
        begin(name.description, as: .artifact(proof, name, mediaType: mediaType), for: listener, reply: reply)
    }

    /// Takes an artifact that has arrived: first its bytes, then its record.
    func adopt(
        _ file: JobFile, as name: ArtifactName, mediaType: String? = nil, of proof: LeaseProof, by access: Access,
        reply: @escaping Reply
    ) {
        guard let job = committer.map.leased(proof) else {
            disk.discard([file.fileId])
            return reply(.failure(Refusal(.leaseLost(proof.jobId))))
        }
        let artifact = Artifact(
            name: name, mediaType: mediaType ?? file.mediaType, size: file.size, sha256: file.sha256 ?? "")
        disk.adopt(file, as: name, of: job.jobId, run: job.runs.last).hop(to: loop).whenComplete { result in
            guard case .success = result else { return reply(result.asReply { _ in [:] }) }
            self.assumeIsolated { $0.decide(.say(.artifact(artifact), proof), by: access, reply: reply) }
        }
    }
}

extension Job.Lease {
    /// What its worker needs to keep it.
    fileprivate var json: JSONValue {
        ["token": token.map { .string($0.description) } ?? .null, "expiresAt": JSONValue(expiresAt)]
    }
}

extension Job {
    /// What a worker is told of its lease whenever it is heard.
    var leaseState: JSONValue {
        ["expiresAt": JSONValue(lease.expiresAt), "cancelRequested": .bool(times.cancelRequestedAt != nil)]
    }
}
