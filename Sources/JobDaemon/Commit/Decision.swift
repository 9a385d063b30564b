import JobModel

/// A command that was decided, and waits for its events to be durable.
///
/// A class, because it goes through several hands, and each copy of it would be one of all its parts.
final class Decision: Sendable {
    let proposal: Proposal
    let events: [Event]
    let answer: Answer

    init(proposal: Proposal, events: [Event], answer: Answer) {
        self.proposal = proposal
        self.events = events
        self.answer = answer
    }

    /// What it changes, and what it rests on by name.
    var records: Set<RecordID> { proposal.command.names.union(changes) }

    var isToldToWebhooks: Bool {
        events.contains { if case .job(let event) = $0 { !event.deliveries.isEmpty } else { false } }
    }

    var changes: Set<RecordID> {
        var changes = Set(events.map(\.recordId))
        for case .job(let event) in events {
            if let key = event.after.job?.asked.terms.dedupeKey { changes.insert(.dedupeKey(key)) }
        }
        return changes
    }
}
