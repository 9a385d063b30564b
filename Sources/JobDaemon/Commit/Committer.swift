import JSON
import JobModel
import JobStorage
import JobWire

/// Decides, and takes back what the store refuses.
///
/// A value that does nothing by itself: it answers what is to be done next.
struct Committer: Sendable {
    /// What follows from a proposal.
    enum Next {
        /// To be written, then told.
        case write(Decision)
        /// Nothing changes, and nothing that it rests on waits for the store: to be told at once.
        case tell(Decision)
        /// The store is to be asked about these first.
        case lookUp(Set<RecordID>)
        case refuse(Refusal)
        /// Held back until the store works again, or dropped.
        case nothing
    }

    /// Decisions in force, the uncommitted ones included.
    private(set) var map: JobMap
    /// The store's health, and what it has not taken.
    var unstored = Unstored()
    /// What the map holds only because it was used lately, jobs excepted.
    private var cache: MapCache
    /// Until what the last daemon left is taken care of, nothing else happens.
    private var isLoading = true

    /// Times that a proposal is decided anew because of conflicts.
    private static let maximumTries = 5

    /// Makes one that knows nothing yet, and remembers so many files that were used lately.
    init(rules: Rules, fileLimit: Int = RecentlyUsed<FileID>.limit) {
        map = JobMap(rules: rules)
        cache = MapCache(fileLimit: fileLimit)
    }

    var health: StoreHealth { unstored.health }

    // MARK: Life

    /// Takes in what the store holds, and the time zones of its schedules by name; ``Command/recover`` comes next.
    mutating func load(
        _ snapshot: Snapshot, records: [JobRecord], zones: [String: TimeZoneRules] = [:],
        chargedBytes: [Account?: Int64] = [:], at now: Timestamp
    ) {
        var fresh = JobMap(rules: map.rules, nextNumber: snapshot.nextNumber, start: now)
        fresh.isSandboxBroken = map.isSandboxBroken
        for record in records + snapshot.awaited { fresh.admit(record) }
        for (name, zone) in zones { fresh.admit(zone, named: name) }
        for record in snapshot.named { fresh.admit(record) }
        for name in snapshot.pausedQueues { fresh.admit(pausedQueue: name) }
        fresh.load(storedBytes: chargedBytes)
        map = fresh
    }

    mutating func setRules(_ rules: Rules) { map.rules = rules }

    /// No job is started from now on.
    mutating func stop() { map.isStopping = true }

    /// No job that runs programs is started while that is so.
    mutating func setSandbox(isBroken: Bool) { map.isSandboxBroken = isBroken }

    mutating func shrink() { map.shrink() }

    mutating func clockWasSet(by change: Duration, at now: Timestamp) {
        map.clockWasSet(by: change, at: now)
        unstored.clockWasSet(by: change)
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
    mutating func decide(_ proposal: Proposal, at now: Timestamp, isIdle: Bool) -> Next {
        let command = proposal.command
        if isLoading, command != .recover { return refuse(proposal, Refusal(.unavailable, "The daemon is starting.")) }
        if let refusal = health.refusalOfAll { return refuse(proposal, refusal) }
        if unstored.hold(behindOthers: command) { return .nothing }
        var unknown = command.unknown(in: map)
        if !unknown.isEmpty { unknown.subtract(proposal.asked) }
        guard unknown.isEmpty else { return .lookUp(unknown) }
        let decision: Decision
        do throws(JobError) {
            // In two steps: as an argument, it would change a copy of everything, made for the call around it.
            let applied = try map.apply(command, by: proposal.access, at: now)
            let events = map.rules.webhooks.isEmpty ? applied : applied.map { $0.announced(by: map.rules, at: now) }
            decision = Decision(
                proposal: proposal, events: events, answer: map.answer(to: command, events: events, at: now))
        } catch {
            // A create of a job that exists already is answered with that job: the store is asked before it is refused.
            if let id = command.jobToMake, map.record(id) == nil, !proposal.asked.contains(.job(id)) {
                return .lookUp([.job(id)])
            }
            decision = Decision(proposal: proposal, events: [], answer: .refused(Refusal(error)))
        }
        return decision.events.isEmpty && isIdle ? .tell(decision) : .write(decision)
    }

    private mutating func refuse(_ proposal: Proposal, _ refusal: Refusal) -> Next {
        if proposal.reply != nil { return .refuse(refusal) }
        unstored.hold(proposal.command)
        return .nothing
    }

    /// Takes an offer back that has got nothing; false when it is not open.
    mutating func withdraw(_ offer: OfferID) -> Bool { map.withdraw(offer) }

    // MARK: What the store says

    /// Takes note that a decision is durable.
    mutating func settle(_ decision: Decision) {
        for event in decision.events {
            map.settle(event)
            cache.add(event)
        }
        if isLoading, decision.proposal.command == .recover { isLoading = false }
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
        // Slots may be free that were taken.
        result.again.append(Proposal(command: .tick))
        return result
    }

    /// Takes back everything that is not durable, because the store has refused all of it.
    mutating func takeBack(_ decisions: [Decision], because error: StoreError, at now: Timestamp) -> TakenBack {
        undo(decisions)
        return unstored.add(decisions, because: error, at: now)
    }

    private mutating func undo(_ decisions: [Decision]) {
        for decision in decisions.reversed() {
            for event in decision.events.reversed() {
                map.undo(event)
                cache.add(event)
            }
        }
    }

    /// Takes over what the store has instead of what the map believed.
    private mutating func learn(_ conflict: StoreError.Conflict, _ result: inout TakenBack) {
        for record in conflict.jobs { map.replace(record) }
        for file in conflict.files {
            map.replace(file)
            cache.add(file.file.fileId)
        }
        for record in conflict.named {
            map.replace(record)
            cache.add(record.id)
        }
        for id in conflict.missing {
            switch id {
            case .job(let id): map.remove(id)
            case .file(let id): map.forget(id)
            case .batch, .schedule, .upload, .drain: map.remove(named: id)
            case .queue, .dedupeKey, .timeZone: break
            }
        }
        result.foreign.jobs += conflict.jobs
        result.foreign.files += conflict.files
        result.foreign.missing += conflict.missing
    }

    // MARK: What is known

    /// Begins a look-up; what is found of these ids is not forgotten before ``endLookUp(_:)``.
    mutating func beginLookUp(_ names: Set<RecordID>) { cache.beginLookUp(names) }

    mutating func endLookUp(_ names: Set<RecordID>) { cache.endLookUp(names) }

    mutating func admit(_ record: JobRecord) { map.admit(record) }

    mutating func admit(_ zone: TimeZoneRules, named name: String) { map.admit(zone, named: name) }

    mutating func admit(_ file: FileRecord) {
        map.admit(file)
        cache.add(file.file.fileId)
    }

    mutating func admit(_ record: NamedRecord) {
        map.admit(record)
        cache.add(record.id)
    }

    /// Drops a job that was only kept because it was used lately; false when it has to stay.
    mutating func forget(_ id: JobID) -> Bool { cache.mayGo(.job(id)) && map.forget(id) }

    /// Drops files, batches and schedules that were not used for long.
    mutating func forgetSurplus() { cache.forgetSurplus(of: &map) }
}
