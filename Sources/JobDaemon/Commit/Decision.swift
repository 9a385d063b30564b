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

    var changes: Set<RecordID> { Set(events.map(\.recordId)) }
}

/// What a client will be told once the decision is durable.
enum Answer: Sendable {
    /// The job as the command left it, in the envelope of its method.
    case job(JobRecord, Envelope)
    /// The queue as it is then.
    case queue(String)
    case value(JSONValue)
    case refused(Refusal)

    /// How a method wraps a job.
    enum Envelope: Sendable {
        case bare
        /// `{"job": …, NAME: flag}`
        case flagged(StaticString, Bool)
    }
}
