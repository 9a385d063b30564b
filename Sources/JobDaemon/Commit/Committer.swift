import JSON
import JobModel
import JobStorage
import JobWire

/// Decides, and takes back what the store refuses: the map, the store's health, and what is to be said again.
///
/// A value that does nothing by itself: it answers what is to be done next.
struct Committer: Sendable {
    /// What follows from a proposal.
    enum Step {
        /// To be written, then told.
        case write(Decision)
        /// Nothing changes, and nothing that it rests on waits for the store: to be told at once.
        case tell(Decision)
        /// The store is to be asked about these first.
        case lookUp(Set<RecordID>)
        case refuse(Refusal)
        /// Kept until the store takes changes again, or of no use any more.
        case nothing
    }

    /// What follows when the store has refused decisions.
    struct TakenBack {
        /// To be written as they are: they do not rest on what was refused.
        var kept: [Decision] = []
        /// To be decided again, in this order.
        var again: [Proposal] = []
        var refused: [(reply: Reply, refusal: Refusal)] = []
        /// What somebody else has stored.
        var foreign = StoreError.Conflict()
        /// What the operator has to know of decisions that are lost.
        var losses: [String] = []

        mutating func refuse(_ proposal: Proposal, _ refusal: Refusal) {
            if let reply = proposal.reply { refused.append((reply, refusal)) }
        }
    }

    /// Decisions in force, the uncommitted ones included.
    private(set) var map: JobMap
    private(set) var health = StoreHealth.well
    private var held = HeldWords()
    /// Decisions of which nobody knows whether the store has them.
    private var inDoubt: [Proposal] = []
    /// What is being read from the store, until what was found has been used; it is not forgotten meanwhile.
    private var lookUps: [RecordID: Int] = [:]
    /// Files that are known to be there, or not to be there.
    private var fileGuests: Guests<FileID>
    /// Batches that have ended, and names that are known to be free.
    private var namedGuests = Guests<RecordID>(limit: 1_000)
    /// Until what the last daemon left is taken care of, nothing else happens.
    private var isLoading = true

    /// Times that a proposal is decided anew because of conflicts.
    private static let maximumTries = 5

    private static let isDamaged = Refusal(.unavailable, "The store is damaged; the operator is told why.")
    private static let isSuperseded = Refusal(.unavailable, "Another daemon owns the store.")
    private static let isRefused = Refusal(.unavailable, "The store did not take this; try again in a moment.")

    /// Makes one that knows nothing yet, and remembers so many files that were used lately.
    init(rules: Rules, fileLimit: Int = Guests<FileID>.limit) {
        map = JobMap(rules: rules)
        fileGuests = Guests(limit: fileLimit)
    }

    // MARK: Life

    /// Takes in what the store holds, and the time zones of its schedules by name; ``Command/recover`` comes next.
    mutating func load(
        _ snapshot: Snapshot, records: [JobRecord], zones: [String: TimeZoneRules] = [:],
        chargedBytes: [Account?: Int64] = [:], at now: Timestamp
    ) {
        var fresh = JobMap(rules: map.rules, nextNumber: snapshot.nextNumber, start: now)
        for record in records + snapshot.awaited { fresh.admit(record) }
        for (name, zone) in zones { fresh.admit(zone, named: name) }
        for record in snapshot.named { fresh.admit(record) }
        for name in snapshot.pausedQueues { fresh.admit(pausedQueue: name) }
        fresh.load(storedBytes: chargedBytes)
        map = fresh
    }

    mutating func setRules(_ rules: Rules) { map.rules = rules }

    /// No job is started from now on.
    mutating func drain() { map.isDraining = true }

    mutating func shrink() { map.shrink() }

    mutating func clockWasSet(by change: Duration, at now: Timestamp) {
        map.clockWasSet(by: change, at: now)
        health.clockWasSet(by: change)
    }

    /// When something is to be done; nil while nothing is due, or until a look at the store has ended.
    mutating func nextDeadline() -> Timestamp? {
        // While the store refuses changes, what is due would only be refused again.
        guard health.isWell else { return health.lookAt }
        return isLoading ? nil : map.nextDeadline()
    }

    // MARK: Decide

    /// Decides a command, once everything is known that it names.
    ///
    /// `isIdle` says that every earlier decision has been told.
    mutating func decide(_ proposal: Proposal, at now: Timestamp, isIdle: Bool) -> Step {
        let command = proposal.command
        if isLoading, command != .recover { return refuse(proposal, Refusal(.unavailable, "The daemon is starting.")) }
        guard health.takesDecisions else {
            return refuse(proposal, refusalOfAll)
        }
        if held.hasWords(before: command) {
            held.add(command)
            return .nothing
        }
        var unknown = command.unknown(in: map)
        if !unknown.isEmpty { unknown.subtract(proposal.asked) }
        guard unknown.isEmpty else { return .lookUp(unknown) }
        let decision: Decision
        do throws(JobError) {
            // In two steps: as an argument, it would change a copy of everything, made for the call around it.
            let applied = try map.apply(command, by: proposal.access, at: now)
            let events = announced(applied, at: now)
            decision = Decision(
                proposal: proposal, events: events, answer: answer(to: command, events: events, at: now))
        } catch {
            // Whether the id is that of a job decides what is wrong with the request, and whether anything is.
            if let id = command.jobToMake, map.record(id) == nil, !proposal.asked.contains(.job(id)) {
                return .lookUp([.job(id)])
            }
            decision = Decision(proposal: proposal, events: [], answer: .refused(Refusal(error)))
        }
        return decision.events.isEmpty && isIdle ? .tell(decision) : .write(decision)
    }

    /// The events with what webhooks are told of them, to be stored with them.
    private func announced(_ events: [Event], at now: Timestamp) -> [Event] {
        guard !map.rules.webhooks.isEmpty else { return events }
        return events.map { event in
            guard case .job(var change) = event, let job = change.after.job, let moment = Webhook.Moment(change)
            else { return event }
            let names = map.rules.webhooks(toldOf: change)
            guard !names.isEmpty else { return event }
            let body = Delivery.body(moment, of: job, at: now)
            var generator = SystemRandomNumberGenerator()
            change.deliveries = names.map { name in
                Delivery(
                    id: .make(at: now, using: &generator), webhook: name, jobId: job.jobId, moment: moment,
                    createdAt: now, body: body)
            }
            return .job(change)
        }
    }

    private var refusalOfAll: Refusal {
        switch health {
        case .damaged: Self.isDamaged
        case .superseded: Self.isSuperseded
        case .well, .full, .unavailable, .unknown: Self.isRefused
        }
    }

    private mutating func refuse(_ proposal: Proposal, _ refusal: Refusal) -> Step {
        if proposal.reply != nil { return .refuse(refusal) }
        held.add(proposal.command)
        return .nothing
    }

    private func answer(to command: Command, events: [Event], at now: Timestamp) -> Answer {
        func job(_ id: JobID, _ envelope: Answer.Envelope) -> Answer {
            map.record(id).map { .job($0, envelope) } ?? .value([:])
        }
        switch command {
        case .create(let creation):
            let other = map.record(creation.jobId) == nil ? map.duplicate(of: creation, at: now) : nil
            return job(other?.jobId ?? creation.jobId, .flagged("created", !events.isEmpty))
        case .createBatch(let creation): return .batch(creation.batchId, isNew: !events.isEmpty)
        case .cancelBatch(let id, _): return .batch(id, isNew: nil)
        case .process(let creation): return job(creation.jobId, .flagged("started", !events.isEmpty))
        case .cancel(let id, _, _):
            return job(id, .flagged("ended", map.record(id)?.job?.status == .cancelled))
        case .update(let id, _, _), .retry(let id, _): return job(id, .bare)
        case .delete:
            guard case .job(let event)? = events.last, let before = event.before else { return .value([:]) }
            return .job(before, .bare)
        case .adoptFile(let file): return .value((map.file(file.fileId)?.file ?? file).json)
        case .deleteFile: return .value([:])
        case .pause(let queue), .resume(let queue): return .queue(queue)
        case .say(.report, let claim): return .value(map.record(claim.jobId)?.job?.leaseState ?? [:])
        case .say(.artifact(let artifact), _): return .value(artifact.json)
        case .say(.complete, let claim), .say(.fail, let claim), .say(.release, let claim):
            return job(claim.jobId, .bare)
        case .renew(let claims): return .value(["leases": .array(claims.map(leaseState))])
        case .putSchedule(let name, _):
            return .value(map.named(.schedule(name))?.schedule.map { json(of: $0, at: now) } ?? [:])
        case .runSchedule(let name):
            return map.named(.schedule(name))?.schedule?.lastJobId.map { job($0, .bare) } ?? .value([:])
        case .readSchedules: return .value(["schedules": .array(map.allSchedules.map { json(of: $0, at: now) })])
        case .deleteSchedule, .syncSchedules: return .value([:])
        case .expire, .evict: return .value(["isGone": .bool(!events.isEmpty)])
        case .drain, .undrain: return .value(["drained": .bool(map.isDrained)])
        case .claim, .report, .finish, .release, .lose, .tick, .recover: return .value([:])
        }
    }

    private func leaseState(_ claim: LeaseClaim) -> JSONValue {
        var state: JSONObject = ["jobId": .string(claim.jobId.description)]
        guard let job = map.leased(claim) else {
            state["code"] = .string(ErrorCode.leaseLost.rawValue)
            return .object(state)
        }
        for member in job.leaseState.object?.members ?? [] { state[member.key] = member.value }
        return .object(state)
    }

    /// Takes an offer back that has got nothing; false when it is not open.
    mutating func withdraw(_ offer: OfferID) -> Bool { map.withdraw(offer) }

    // MARK: What the store says

    /// Takes note that a decision is durable.
    mutating func settle(_ decision: Decision) {
        for event in decision.events {
            map.settle(event)
            note(event)
        }
        if decision.proposal.command == .recover { isLoading = false }
    }

    /// Takes back what was refused and what rests on it; `later` was decided after it, in this order.
    mutating func takeBack(_ refused: [(decision: Decision, error: StoreError)], later: [Decision]) -> TakenBack {
        var result = TakenBack()
        var tainted = refused.reduce(into: Set<RecordID>()) { $0.formUnion($1.decision.changes) }
        var dependents: [Decision] = []
        for decision in later {
            if decision.records.isDisjoint(with: tainted) {
                result.kept.append(decision)
            } else {
                tainted.formUnion(decision.changes)
                dependents.append(decision)
            }
        }
        undo(refused.map { $0.decision } + dependents)
        for (decision, error) in refused {
            var proposal = decision.proposal.anew
            switch error {
            case .conflict(let conflict):
                learn(conflict, &result)
                proposal.tries += 1
                guard proposal.tries > Self.maximumTries else {
                    result.again.append(proposal)
                    continue
                }
                result.refuse(proposal, Refusal(.unavailable, "Others keep changing the same jobs."))
                result.losses.append("others keep changing the same records")
            case .damagedRecord(_, let reason):
                result.refuse(proposal, Refusal(.unavailable, reason))
                result.losses.append(reason)
            case .rejected(let reason), .full(let reason), .unavailable(let reason), .unknown(let reason),
                .damaged(let reason), .superseded(let reason):
                result.refuse(proposal, Refusal(.internalError, "The store cannot take this."))
                result.losses.append(reason)
            }
        }
        result.again += dependents.map(\.proposal.anew)
        // Places may be free that were taken.
        result.again.append(Proposal(command: .tick))
        return result
    }

    /// Takes back everything that is not durable, because the store has refused all of it.
    mutating func takeBack(_ decisions: [Decision], because error: StoreError, at now: Timestamp) -> TakenBack {
        undo(decisions)
        var result = TakenBack()
        let (kind, refusal) = Self.meaning(of: error)
        health.note(kind, at: now)
        for decision in decisions {
            if kind == .unknown {
                inDoubt.append(decision.proposal)
            } else if decision.events.isEmpty, !health.isOver {
                result.again.append(decision.proposal.anew)
            } else {
                result.refuse(decision.proposal, refusal)
                if decision.proposal.reply == nil { held.add(decision.proposal.command) }
            }
        }
        return result
    }

    private static func meaning(of error: StoreError) -> (StoreHealth.NoteworthyError, Refusal) {
        switch error {
        case .full: (.full, Refusal(.storageFull, "There is no space left to store this."))
        case .unavailable, .conflict, .rejected, .damagedRecord:
            (.unavailable, isRefused)
        case .unknown: (.unknown, isRefused)
        case .damaged: (.damaged, isDamaged)
        case .superseded: (.superseded, isSuperseded)
        }
    }

    private mutating func undo(_ decisions: [Decision]) {
        for decision in decisions.reversed() {
            for event in decision.events.reversed() {
                map.undo(event)
                note(event)
            }
        }
    }

    /// Remembers what may be forgotten one day.
    private mutating func note(_ event: Event) {
        switch event {
        case .file(let event): fileGuests.add(event.fileId)
        case .named(let event): namedGuests.add(event.id)
        case .job, .queue: break
        }
    }

    /// Takes over what the store has instead of what the map believed.
    private mutating func learn(_ conflict: StoreError.Conflict, _ result: inout TakenBack) {
        for record in conflict.jobs { map.replace(record) }
        for file in conflict.files {
            map.replace(file)
            fileGuests.add(file.file.fileId)
        }
        for record in conflict.named {
            map.replace(record)
            namedGuests.add(record.id)
        }
        for id in conflict.missing {
            switch id {
            case .job(let id): map.remove(id)
            case .file(let id): map.forget(id)
            case .batch, .schedule, .drain: map.remove(named: id)
            case .queue, .dedupeKey, .timeZone: break
            }
        }
        result.foreign.jobs += conflict.jobs
        result.foreign.files += conflict.files
        result.foreign.missing += conflict.missing
    }

    // MARK: Health

    /// Whether the store is to be asked now whether it takes changes.
    mutating func isLookDue(at now: Timestamp) -> Bool {
        guard let moment = health.lookAt, moment <= now else { return false }
        health.beginLook()
        return true
    }

    /// The store did not take what changes nothing; returns why the service has to end, nil when it has not.
    mutating func lookFailed(_ error: StoreError, at now: Timestamp) -> String? {
        health.note(Self.meaning(of: error).0, at: now)
        return health.isInDoubtForLong(at: now) ? "nobody knows whether it has taken a commit: \(error)" : nil
    }

    /// The store takes changes, and nothing of what was in doubt is there; nil when that was known.
    mutating func lookSucceeded() -> TakenBack? {
        guard !health.isWell, !health.isOver else { return nil }
        health = .well
        var result = TakenBack()
        for proposal in inDoubt {
            result.refuse(proposal, Self.isRefused)
            if proposal.reply == nil { held.add(proposal.command) }
        }
        inDoubt = []
        result.again = held.takeAll().map { Proposal(command: $0) }
        // Places may be free that were taken, and workers wait that had got something.
        result.again.append(Proposal(command: .tick))
        return result
    }

    // MARK: What is known

    /// Begins a look-up; what is found of these ids is not forgotten before ``endLookUp(_:)``.
    mutating func beginLookUp(_ names: Set<RecordID>) {
        for name in names { lookUps[name, default: 0] += 1 }
    }

    mutating func endLookUp(_ names: Set<RecordID>) {
        for name in names {
            guard let count = lookUps[name] else { continue }
            lookUps[name] = count > 1 ? count - 1 : nil
        }
    }

    mutating func admit(_ record: JobRecord) { map.admit(record) }

    mutating func admit(_ file: FileRecord) {
        map.admit(file)
        fileGuests.add(file.file.fileId)
    }

    mutating func admit(_ zone: TimeZoneRules, named name: String) { map.admit(zone, named: name) }

    private func json(of schedule: Schedule, at now: Timestamp) -> JSONValue {
        schedule.json(
            queue: schedule.plan.queue ?? map.rules.pipelines[schedule.plan.jobType]?.queue ?? "default",
            next: map.nextMoments(of: schedule, after: now))
    }

    mutating func admit(_ record: NamedRecord) {
        map.admit(record)
        namedGuests.add(record.id)
    }

    /// Drops a job that was only kept because it was used lately; false when it has to stay.
    mutating func forget(_ id: JobID) -> Bool { lookUps[.job(id)] == nil && map.forget(id) }

    /// Drops the files that were not used for long.
    mutating func forgetFiles() {
        for _ in 0..<fileGuests.surplus {
            guard let id = fileGuests.removeSurplus() else { return }
            if lookUps[.file(id)] != nil || !map.forget(id) { fileGuests.add(id) }
        }
        for _ in 0..<namedGuests.surplus {
            guard let id = namedGuests.removeSurplus() else { return }
            // What is active is a guest again once it changes.
            if map.named(id)?.isActive == true { continue }
            if lookUps[id] != nil || !map.forget(named: id) { namedGuests.add(id) }
        }
    }
}
