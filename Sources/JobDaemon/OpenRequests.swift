import JobModel
import JobWire
import NIOCore

/// The requests of a connection that have no answer: those that are being performed, and those that wait behind them
/// because together they could take up too much.
struct OpenRequests {
    /// Requests that are performed at once.
    static let limit = Request.maximumBatchCount
    /// What a connection may take up: its requests, their replies as far as can be said before, and what was sent and is
    /// not taken.
    static let heldBytes = 32 * 1024 * 1024

    private var waiting = CircularBuffer<(Call, Connection.Ticket)>()
    private var count = 0
    private var bytes = 0

    var isEmpty: Bool { count == 0 && waiting.isEmpty }

    /// Whether a request that comes now would be performed at once, if it is not a large one.
    var mayAdd: Bool { waiting.isEmpty && count < Self.limit }

    /// Takes a request in; returns whether it is to be performed now, and else has it wait for ``next(unsent:)``.
    mutating func begin(_ call: Call, _ ticket: Connection.Ticket, unsent: Int) -> Bool {
        guard waiting.isEmpty, mayBegin(ticket, unsent: unsent) else {
            waiting.append((call, ticket))
            return false
        }
        note(ticket)
        return true
    }

    /// Whether ``next(unsent:)`` has one.
    func hasNext(unsent: Int) -> Bool { waiting.first.map { mayBegin($0.1, unsent: unsent) } ?? false }

    private func mayBegin(_ ticket: Connection.Ticket, unsent: Int) -> Bool {
        // Each costs less than half of the limit, so that one goes on when nothing else is open.
        count < Self.limit && bytes + unsent + min(ticket.cost, Self.heldBytes / 4) <= Self.heldBytes
    }

    /// The next request to perform, nil while it has to wait or there is none.
    mutating func next(unsent: Int) -> (Call, Connection.Ticket)? {
        guard hasNext(unsent: unsent), let next = waiting.popFirst() else { return nil }
        note(next.1)
        return next
    }

    private mutating func note(_ ticket: Connection.Ticket) {
        count += 1
        bytes += ticket.cost
    }

    /// Forgets a request that ``next(unsent:)`` gave.
    mutating func remove(_ ticket: Connection.Ticket) {
        count -= 1
        bytes -= ticket.cost
    }
}

extension Call {
    /// About how large the reply may be, in bytes.
    var expectedReplyBytes: Int {
        switch self {
        case .listJobs, .readLog, .watch: 1024 * 1024
        case .takeDeliveries: Outbox.replyBytes
        case .listDeliveries(let fields): fields.limit * 1024
        case .getArtifact(_, _, _, let limit), .readFile(_, _, let limit): 1024 + limit / 3 * 4
        case .claim(let offer, _): offer.count * 16 * 1024
        case .getMetrics, .discover, .inspectServer: 256 * 1024
        // Many may wait for a change; one that waits for nothing is answered at once, with all that a job can have.
        case .getJob(_, _, let wait) where wait == .zero: Limits.metadataBytes + Limits.resultBytes
        case .command, .getJob, .changeJobs, .explainJob, .getBatch: 16 * 1024
        case .listQueues, .getStats, .serverStatus, .reloadServer, .backUpServer: 16 * 1024
        case .getSession, .makeToken: 16 * 1024
        case .getInput, .beginArtifact, .appendArtifact, .commitArtifact, .adoptArtifact: 1024
        case .redeliver, .reportDelivery: 1024
        case .unwatch, .beginFile, .appendFile, .commitFile, .getFile, .reportFront, .reportUpload, .reportRefusal: 1024
        }
    }
}
