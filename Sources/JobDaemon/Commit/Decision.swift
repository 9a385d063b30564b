import JSON
import JobModel
import JobWire

/// A command that was decided, and waits for its events to be durable.
struct Decision: Sendable {
    let proposal: Proposal
    let events: [Event]
    let answer: Answer

    /// What it changes, and what it rests on by name.
    var records: Set<RecordID> { proposal.command.names.union(changes) }

    var isToldToWebhooks: Bool {
        events.contains { if case .job(let event) = $0 { !event.deliveries.isEmpty } else { false } }
    }

    var changes: Set<RecordID> {
        var changes = Set(events.map(\.recordId))
        for case .job(let event) in events {
            if let key = event.after.job?.terms.dedupeKey { changes.insert(.dedupeKey(key)) }
        }
        return changes
    }
}

/// What a client will be told once the decision is durable.
enum Answer: Sendable {
    /// The job as the command left it, in the envelope of its method.
    case job(JobRecord, Envelope)
    /// The queue as it is then.
    case queue(String)
    /// The batch as it is when it is told; whether it is new, nil where that is not asked.
    case batch(BatchID, isNew: Bool?)
    case value(JSONValue)
    case refused(Refusal)

    /// How a method wraps a job.
    enum Envelope: Sendable {
        case bare
        /// `{"job": …, NAME: flag}`
        case flagged(StaticString, Bool)
    }
}
