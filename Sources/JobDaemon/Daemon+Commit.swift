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
    func decide(_ command: Command, by access: Access = .everything, reply: Reply? = nil) {
        decide(Proposal(command: command, reply: reply, access: access))
    }

    func decide(_ proposal: Proposal) {
        switch committer.decide(proposal, at: readClock(), isIdle: isIdle) {
        case .write(let decision): write(decision)
        case .tell(let decision):
            committer.settle(decision)
            answer(decision)
        case .lookUp(let names):
            lookUp(names, keeping: proposal.asked) { daemon, failure in
                var next = proposal
                next.asked.formUnion(names)
                if let failure { next.reply?(.failure(failure)) } else { daemon.decide(next) }
            }
        case .refuse(let refusal): proposal.reply?(.failure(refusal))
        case .nothing: break
        }
    }

    // MARK: What is in force, the uncommitted included

    /// The job whose lease somebody proves to have; nil when it was lost.
    func leased(_ proof: LeaseProof) -> Job? { committer.map.leased(proof) }

    /// Takes an offer back that has got nothing; false when it is not open.
    func withdraw(_ offer: OfferID) -> Bool { committer.withdraw(offer) }

    // MARK: Commit

    private func write(_ decision: Decision) {
        // Not before the end of this turn of the loop: what else it decides shares the write.
        if commits.withLock({ $0.add(decision) }) { loop.execute { self.commitNext() } }
    }

    /// Writes commit after commit until there is none; first called on the loop, then on the store's thread.
    private nonisolated func commitNext() {
        while let decisions = commits.withLock({ $0.begin() }) {
            // Refusals and the like that waited for what was before them.
            guard decisions.contains(where: { !$0.events.isEmpty }) else {
                if commits.withLock({ $0.finish() }) { loop.execute { self.assumeIsolated { $0.take(.tell) } } }
                continue
            }
            let start = NIODeadline.now()
            return store.commit(decisions.map(\.events)) { [self] outcome in
                let time = NIODeadline.now() - start
                switch outcome {
                case .success(let refused) where refused.isEmpty:
                    let isToldNow = commits.withLock { $0.finish() }
                    let count = decisions.reduce(0) { $0 + $1.events.count }
                    loop.execute { self.assumeIsolated { $0.noteCommit(of: count, time, isToldNow: isToldNow) } }
                    commitNext()
                case .success(let refused):
                    let refused = commits.withLock { $0.finish(except: refused) }
                    loop.execute { self.assumeIsolated { $0.takeBack(refused) } }
                case .failure(let error): loop.execute { self.assumeIsolated { $0.takeBack(error) } }
                }
            }
        }
    }

    private func noteCommit(of count: Int, _ time: TimeAmount, isToldNow: Bool) {
        gauges.metrics.recordCommit(ofEvents: count, nanoseconds: time.nanoseconds)
        if isToldNow { take(.tell) }
        storeIsWell()
    }

    /// Writes again after a refusal: first what did not rest on it.
    func goOn(with kept: [Decision]) {
        for decision in kept { write(decision) }
    }

    /// How long the loop tells without a break: a read that comes meanwhile waits as long.
    private static let turn = TimeAmount.milliseconds(1)

    /// Publishes and answers what is durable, as much as a turn of the loop may; returns whether there is more.
    func tellWritten() -> Bool {
        tellWritten(until: .now() + Self.turn)
        let goesOn = commits.withLock { $0.goesOnTelling() }
        if isIdle { becameIdle() }
        return goesOn
    }

    /// Publishes and answers all that is durable, before something that is not is taken back.
    func tellAllWritten() {
        tellWritten(until: .distantFuture)
        if isIdle { becameIdle() }
    }

    private func tellWritten(until end: NIODeadline) {
        var isNews = false
        repeat {
            let decisions = commits.withLock { $0.takeWritten() }
            guard !decisions.isEmpty else { break }
            for decision in decisions {
                committer.settle(decision)
                isNews = isNews || decision.isToldToWebhooks
                for event in decision.events { publish(event) }
                work.handOver(decision.events, encoded: audience.known, from: self)
                answer(decision)
            }
        } while .now() < end
        if isNews { outbox.assumeIsolated { $0.look() } }
        noteSurplus()
        audience.evict { committer.forget($0) }
        committer.forgetSurplus()
        scheduleWake()
    }

    private func answer(_ decision: Decision) {
        guard let reply = decision.proposal.reply else { return }
        switch decision.answer {
        case .refused(let refusal): reply(.failure(refusal))
        case .batch(let id, let isNew): answer(with: id, isNew: isNew, to: reply)
        case .value(let json): reply(.success(ByteBuffer(bytes: json.bytes)))
        case .queue(let name):
            reply(.success(ByteBuffer(bytes: gauges.summary(ofQueue: name, in: committer.map).bytes)))
        case .job(let record, let envelope):
            guard let job = record.job else { return reply(.success(ByteBuffer(string: "{}"))) }
            reply(.success(envelope.wrap(job, encoded: audience.known(record))))
        }
    }

    /// The encoded form of a record, shared with others where it is the state that is shown.
    func encoded(_ record: JobRecord) -> ByteBuffer? { audience.encoded(record) }

    // MARK: Act and tell

    private func publish(_ event: Event) {
        gauges.record(event, by: timekeeper.wallClock, to: logger)
        switch event {
        case .job(let event):
            act(on: event)
            audience.show(event)
        case .file(let event): if event.after == nil { disk.remove(file: event.fileId) }
        case .named(let event): if case .upload(let id) = event.id { act(onUpload: id, event) }
        case .queue: break
        }
    }

    /// What has come of an upload goes with it; of a finished one it is a file.
    private func act(onUpload id: FileID, _ event: NamedEvent) {
        let isOver = event.after?.upload.map { $0.finishedAt != nil } ?? true
        guard isOver else { return }
        uploads.removeStored(id)
        if event.after == nil { disk.remove(partial: id) }
    }

    private func act(on event: JobEvent) {
        let id = event.after.jobId
        switch event.kind {
        case .started:
            guard let job = event.after.job else { return }
            logger.debug("job started", metadata: ["job": "\(id)", "run": "\(job.runs.last ?? 0)"])
            if job.lease.runner == .jobd { runner.run(job) }
        case .cancelRequested:
            // A worker is told when it is heard next.
            if let job = event.after.job, job.lease.runner == .jobd, let run = job.runs.last {
                runner.cancel(id, run: run)
            }
        case .deleted:
            logger.debug("job deleted", metadata: ["job": "\(id)"])
            disk.removeArtifacts(of: id)
        case .created: logger.debug("job created", metadata: ["job": "\(id)"])
        case .retried: logger.info("job is run again", metadata: ["job": "\(id)"])
        case .finished:
            // The daemon's own runs see to it themselves.
            guard let job = event.after.job, job.lease.runner == .worker, let run = job.runs.last, run > 1 else {
                return
            }
            disk.removeArtifacts(of: id, exceptOf: run)
        case .updated, .queued: break
        }
    }
}

extension Answer.Envelope {
    /// The job in its envelope; it is encoded here unless somebody was told of the same state.
    fileprivate func wrap(_ job: Job, encoded json: ByteBuffer?) -> ByteBuffer {
        if case .bare = self, let json { return json }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(800)
        if case .flagged = self { bytes.append(contentsOf: #"{"job":"#.utf8) }
        if let json { bytes.append(contentsOf: json.readableBytesView) } else { job.encode(into: &bytes) }
        if case .flagged(let name, let flag) = self {
            bytes.append(contentsOf: #",""#.utf8)
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: (flag ? #"":true}"# : #"":false}"#).utf8)
        }
        return ByteBuffer(bytes: bytes)
    }
}
