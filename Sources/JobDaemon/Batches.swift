import JobModel
import NIOCore
import JobWire

/// A command that was decided, and waits for its events to be durable.
struct Decision {
    let command: Command
    /// Nil for the daemon's own commands.
    let reply: Reply?
    let events: [Event]
    let answer: Answer
    /// Times it was decided before and taken back.
    var tries = 0
}

/// What a client will be told once the decision is durable.
enum Answer {
    /// The job as the command left it, in the envelope of its method.
    case job(JobRecord, Envelope)
    case value(JSONValue)
    case refused(Refusal)

    /// How a method wraps a job.
    enum Envelope {
        case bare
        /// `{"job": …, NAME: flag}`
        case flagged(StaticString, Bool)
    }
}

/// The decisions on their way to the store: one batch is being written, the next one fills meanwhile.
///
/// The busier the daemon, the more decisions share one write.
struct Batches {
    private(set) var inFlight: [Decision] = []
    private(set) var open: [Decision] = []

    var isIdle: Bool { inFlight.isEmpty && open.isEmpty }

    mutating func add(_ decision: Decision) { open.append(decision) }

    /// The next batch to write, nil when one is being written or there is none.
    mutating func begin() -> [Decision]? {
        guard inFlight.isEmpty, !open.isEmpty else { return nil }
        swap(&inFlight, &open)
        return inFlight
    }

    /// The batch has been written.
    mutating func finish() -> [Decision] {
        defer { inFlight = [] }
        return inFlight
    }

    /// Everything that is not durable, in order; nothing remains.
    mutating func takeAll() -> [Decision] {
        defer { (inFlight, open) = ([], []) }
        return inFlight + open
    }
}
