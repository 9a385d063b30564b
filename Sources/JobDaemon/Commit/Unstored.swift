import JobModel
import JobStorage
import JobWire

/// Whether the store takes changes, and what it has not taken until it does again.
struct Unstored: Sendable {
    private(set) var health = StoreHealth.well
    private var held = HeldWords()
    /// Decisions of which nobody knows whether the store has them.
    private var inDoubt: [Proposal] = []

    /// Leaves the time until the next look at the store as it is.
    mutating func clockWasSet(by change: Duration) { health.clockWasSet(by: change) }

    /// Keeps what a run said, to be decided again; does nothing with any other command.
    mutating func hold(_ command: Command) { held.add(command) }

    /// Keeps what a run said, if something is kept that it said before; returns whether that is so.
    mutating func hold(behindOthers command: Command) -> Bool {
        guard held.hasWords(before: command) else { return false }
        held.add(command)
        return true
    }

    /// Takes note that the store has refused all of these, which are taken back already.
    mutating func add(_ decisions: [Decision], because error: StoreError, at now: Timestamp) -> TakenBack {
        var result = TakenBack()
        let trouble = StoreHealth.Trouble(error)
        health.note(trouble, at: now)
        for decision in decisions {
            if trouble == .unknown {
                inDoubt.append(decision.proposal)
            } else if decision.events.isEmpty, !health.isOver {
                result.again.append(decision.proposal.anew)
            } else {
                refuse(decision.proposal, trouble.refusal, &result)
            }
        }
        return result
    }

    /// Whoever waits for an answer is refused; what a run said is kept.
    private mutating func refuse(_ proposal: Proposal, _ refusal: Refusal, _ result: inout TakenBack) {
        result.refuse(proposal, refusal)
        if proposal.reply == nil { held.add(proposal.command) }
    }

    /// Whether the store is to be asked now whether it takes changes.
    mutating func isLookDue(at now: Timestamp) -> Bool {
        guard let moment = health.lookAt, moment <= now else { return false }
        health.beginLook()
        return true
    }

    /// A look has failed; returns why the service has to end, nil when it goes on.
    mutating func lookFailed(_ error: StoreError, at now: Timestamp) -> String? {
        health.note(StoreHealth.Trouble(error), at: now)
        return health.isInDoubtForLong(at: now) ? "nobody knows whether it has taken a commit: \(error)" : nil
    }

    /// A look has succeeded, so the store has nothing of what was in doubt; nil when it was well before, or is over.
    mutating func lookSucceeded() -> TakenBack? {
        guard !health.isWell, !health.isOver else { return nil }
        health = .well
        var result = TakenBack()
        for proposal in inDoubt { refuse(proposal, StoreHealth.Trouble.unavailable.refusal, &result) }
        inDoubt = []
        result.again = held.takeAll().map { Proposal(command: $0) }
        // Slots may be free that were taken, and workers wait that had got something.
        result.again.append(Proposal(command: .tick))
        return result
    }
}
