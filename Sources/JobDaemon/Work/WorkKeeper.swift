import JSON
import JobModel
import JobWire
import NIOCore

/// Gives jobs to workers elsewhere: who waits for some, and whose they are.
///
/// Lives on the loop of the daemon, which decides for it. A class, because a reply may bring the next claim at once.
final class WorkKeeper {
    private var workers = Workers()

    /// Nobody gets anything any more.
    func stop() {
        for claim in workers.takeAll() { claim.reply(.success(Self.claimed([]))) }
    }

    // MARK: Claims

    /// Asks for jobs; the reply comes when there are some, or when the wait is over.
    func claim(
        _ offer: Offer, wait: Duration, by access: Access, for listener: any WatchListener,
        from daemon: isolated Daemon, reply: @escaping Reply
    ) {
        let claim = Workers.Claim(
            connection: ObjectIdentifier(listener), reply: reply, isByConnection: offer.leaseSeconds == nil, wait: wait)
        guard !daemon.isStopping else { return reply(.success(Self.claimed([]))) }
        guard workers.add(claim, of: offer.id) else {
            let problem = "A connection waits for jobs at most \(Workers.waitingClaims) times at once."
            return reply(.failure(Refusal(.tooManyRequests, problem)))
        }
        daemon.decide(.claim(offer), by: access) { result in
            daemon.assumeIsolated { daemon in
                switch result {
                case .success: daemon.work.beginWaiting(offer.id, on: daemon)
                case .failure(let refusal): daemon.work.giveUp(offer.id, because: refusal, on: daemon)
                }
            }
        }
    }

    /// The claim is decided, and durable what it got at once.
    private func beginWaiting(_ offer: OfferID, on daemon: isolated Daemon) {
        guard let wait = workers.wait(of: offer) else { return }
        guard wait > .zero else { return endWaiting(offer, on: daemon) }
        scheduleEnd(of: offer, in: TimeAmount(wait), on: daemon)
    }

    private func scheduleEnd(of offer: OfferID, in time: TimeAmount, on daemon: isolated Daemon) {
        let timeout = daemon.loop.scheduleTask(in: time) {
            daemon.assumeIsolated { $0.work.endWaiting(offer, on: $0) }
        }
        workers.setTimeout(timeout, of: offer)
    }

    /// Answers that there was nothing; what it is just getting is waited for.
    private func endWaiting(_ offer: OfferID, on daemon: isolated Daemon) {
        guard workers.wait(of: offer) != nil else { return }
        guard daemon.withdraw(offer) else { return scheduleEnd(of: offer, in: .milliseconds(100), on: daemon) }
        workers.take(offer)?.reply(.success(Self.claimed([])))
    }

    private func giveUp(_ offer: OfferID, because refusal: Refusal, on daemon: isolated Daemon) {
        _ = daemon.withdraw(offer)
        workers.take(offer)?.reply(.failure(refusal))
    }

    /// Hands over what workers got with a decision that is durable; `encoded` has what was encoded for others.
    func handOver(_ events: [Event], encoded: (JobRecord) -> ByteBuffer?, from daemon: isolated Daemon) {
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
                for job in jobs { lose(job, on: daemon) }
                continue
            }
            if claim.isByConnection { for job in jobs { hold(job, by: claim.connection) } }
            // Nearly always nobody else will read this state, so it is not kept for others.
            let described = zip(records, jobs).map { record, job in
                (encoded(record) ?? ByteBuffer(bytes: job.encoded()), job.lease.json)
            }
            claim.reply(.success(Self.claimed(described)))
        }
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

    // MARK: Connections that hold jobs

    /// Keeps leases; those without a time belong to the connection that named them last.
    func renew(
        _ proofs: [LeaseProof], by access: Access, for listener: any WatchListener, from daemon: isolated Daemon,
        reply: @escaping Reply
    ) {
        daemon.decide(.renew(proofs), by: access) { result in
            if case .success = result {
                daemon.assumeIsolated { daemon in
                    for proof in proofs { daemon.work.hold(proof, by: listener, on: daemon) }
                }
            }
            reply(result)
        }
    }

    /// Takes what a worker says of its run.
    ///
    /// One that comes back without having renewed its lease holds it again.
    func say(
        _ word: LeaseWord, _ proof: LeaseProof, by access: Access, for listener: any WatchListener,
        to daemon: isolated Daemon, reply: @escaping Reply
    ) {
        guard !word.endsRun else { return daemon.decide(.say(word, proof), by: access, reply: reply) }
        daemon.decide(.say(word, proof), by: access) { result in
            if case .success = result {
                daemon.assumeIsolated { $0.work.holdUnlessHeld(proof, by: listener, on: $0) }
            }
            reply(result)
        }
    }

    /// Jobs that a connection held are back at once; not when the daemon closes it, because then its worker comes again.
    func connectionEnded(_ connection: ObjectIdentifier, on daemon: isolated Daemon) {
        let (offers, runs) = workers.end(connection)
        for offer in offers { _ = daemon.withdraw(offer) }
        guard !daemon.isStopping else { return }
        for run in runs { daemon.decide(.lose(run.jobId, run: run.run)) }
    }

    private func holdUnlessHeld(_ proof: LeaseProof, by listener: any WatchListener, on daemon: isolated Daemon) {
        guard let job = daemon.leased(proof), let run = job.runs.last,
            !workers.isHeld(.init(jobId: job.jobId, run: run))
        else { return }
        hold(proof, by: listener, on: daemon)
    }

    private func hold(_ proof: LeaseProof, by listener: any WatchListener, on daemon: isolated Daemon) {
        guard let job = daemon.leased(proof), job.lease.seconds == nil else { return }
        if listener.isActive { hold(job, by: ObjectIdentifier(listener)) } else { lose(job, on: daemon) }
    }

    private func hold(_ job: Job, by connection: ObjectIdentifier) {
        if let run = job.runs.last { workers.hold(.init(jobId: job.jobId, run: run), by: connection) }
    }

    private func lose(_ job: Job, on daemon: isolated Daemon) {
        if let run = job.runs.last { daemon.decide(.lose(job.jobId, run: run)) }
    }
}

extension Job.Lease {
    /// What its worker needs to keep it.
    fileprivate var json: JSONValue {
        ["token": token.map { .string($0.description) } ?? .null, "expiresAt": JSONValue(expiresAt)]
    }
}
