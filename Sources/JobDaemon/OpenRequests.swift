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

    mutating func add(_ call: Call, _ ticket: Connection.Ticket) { waiting.append((call, ticket)) }

    /// Whether ``next(unsent:)`` has one.
    func hasNext(unsent: Int) -> Bool {
        guard let (_, ticket) = waiting.first, count < Self.limit else { return false }
        // Each costs less than half of the limit, so that one goes on when nothing else is open.
        return bytes + unsent + min(ticket.cost, Self.heldBytes / 4) <= Self.heldBytes
    }

    /// The next request to perform, nil while it has to wait or there is none.
    mutating func next(unsent: Int) -> (Call, Connection.Ticket)? {
        guard hasNext(unsent: unsent), let next = waiting.popFirst() else { return nil }
        count += 1
        bytes += next.1.cost
        return next
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
