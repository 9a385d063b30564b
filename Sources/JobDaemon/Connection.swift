import JSON
import JobModel
import JobWire
import NIOCore

/// What one connection of the control socket asks for and is owed: events in, actions out; does nothing itself.
struct Connection {
    enum Event {
        /// A line without its line feed.
        case line(ByteBuffer)
        /// A line that is longer than a request may be; what follows cannot be told from it.
        case lineTooLong
        /// The other end will send nothing more.
        case inputEnded
        case answered(Ticket, Result<ByteBuffer, Refusal>)
        /// What was sent before has left, or the turn is over that ``Action/waitForTurn`` asked for.
        case turn
    }

    enum Action {
        /// Its result comes back as ``Event/answered(_:_:)``.
        indirect case perform(Call, Ticket)
        /// Sends a line, its line feed included.
        case send(ByteBuffer)
        /// Asks for ``Event/turn`` once everybody who is on the stack is done: an answer comes from within the daemon.
        case waitForTurn
        /// Closes the connection once everything is sent; what the other end still sends is dropped, if it may send.
        case finish(isInputOpen: Bool)
    }

    /// Which request an answer is for.
    struct Ticket: Sendable {
        /// Nil for a notification, which gets no reply.
        let id: JSONValue?
        /// The number of its batch.
        let batch: Int?
        /// Bytes that it may take up until it is answered.
        let cost: Int
        /// For whom it is asked; nil: for the other end itself.
        var caller: Caller?
    }

    private enum Input {
        /// `ended`: the other end waits for the replies that are left. `lost`: what came could not be understood, so
        /// that nothing behind it counts.
        case open, ended, lost
    }

    private let door: Door
    private let makeJobId: () -> JobID
    private var input = Input.open
    private var requests = OpenRequests()
    private var batches: [Int: BatchReplies] = [:]
    private var lastBatch = 0
    private var waitsForTurn = false
    private var isFinished = false

    init(door: Door, makeJobId: @escaping () -> JobID) {
        self.door = door
        self.makeJobId = makeJobId
    }

    /// Nothing that still comes counts.
    var isLost: Bool { input == .lost }

    /// Whether more may be read: not while requests wait their turn.
    var mayRead: Bool { input == .lost || requests.mayAdd }

    /// Takes an event, and adds what is to be done; `unsent` is how many bytes wait for the other end to take them.
    mutating func take(_ event: Event, unsent: Int, into actions: inout CircularBuffer<Action>) {
        switch event {
        case .line(let line):
            receive(line, unsent: unsent, &actions)
            start(unsent: unsent, &actions)
        case .lineTooLong:
            let problem = "A request line has at most \(LineFraming.requestLimit) bytes."
            giveUp(Refusal(.notARequest, .payloadTooLarge, problem), &actions)
        case .inputEnded: if input == .open { input = .ended }
        case .answered(let ticket, let result):
            requests.remove(ticket)
            reply(result, to: ticket, &actions)
            if requests.hasNext(unsent: unsent), !waitsForTurn {
                waitsForTurn = true
                actions.append(.waitForTurn)
            }
        case .turn:
            waitsForTurn = false
            start(unsent: unsent, &actions)
        }
        if input != .open, !isFinished, requests.isEmpty {
            isFinished = true
            actions.append(.finish(isInputOpen: input == .lost))
        }
    }

    private mutating func receive(_ line: ByteBuffer, unsent: Int, _ actions: inout CircularBuffer<Action>) {
        guard input != .lost, !line.isBlankLine else { return }
        switch Request.parse(line, makeJobId: makeJobId) {
        case .single(let request):
            add(request, batch: nil, bytes: line.readableBytes, unsent: unsent, &actions)
        case .batch(let requests):
            lastBatch += 1
            let batch = lastBatch
            batches[batch] = BatchReplies(count: requests.count)
            let bytes = line.readableBytes / requests.count
            for request in requests { add(request, batch: batch, bytes: bytes, unsent: unsent, &actions) }
        case .refused(let refusal): actions.append(.send(Frame.reply(.failure(refusal), to: .null)))
        case .unreadable(let refusal): giveUp(refusal, &actions)
        }
    }

    private mutating func add(
        _ request: Request, batch: Int?, bytes: Int, unsent: Int, _ actions: inout CircularBuffer<Action>
    ) {
        switch request.call {
        case .success(let call):
            let ticket = Ticket(
                id: request.id, batch: batch, cost: bytes + call.expectedReplyBytes, caller: request.caller)
            if requests.begin(call, ticket, unsent: unsent) { actions.append(.perform(call, ticket)) }
        case .failure(let refusal):
            // Whoever may not ask is not told what is wrong with his question.
            let refusal = request.method.flatMap(door.refusal) ?? refusal
            reply(.failure(refusal), to: Ticket(id: request.id, batch: batch, cost: 0), &actions)
        }
    }

    private mutating func start(unsent: Int, _ actions: inout CircularBuffer<Action>) {
        while let (call, ticket) = requests.next(unsent: unsent) { actions.append(.perform(call, ticket)) }
    }

    private mutating func reply(
        _ result: Result<ByteBuffer, Refusal>, to ticket: Ticket, _ actions: inout CircularBuffer<Action>
    ) {
        guard let batch = ticket.batch else {
            if let id = ticket.id { actions.append(.send(Frame.reply(result, to: id))) }
            return
        }
        guard let isComplete = batches[batch]?.add(result, to: ticket.id), isComplete else { return }
        if let line = batches.removeValue(forKey: batch)?.line { actions.append(.send(line)) }
    }

    /// Says why nothing more is taken; what was asked before is still answered.
    private mutating func giveUp(_ refusal: Refusal, _ actions: inout CircularBuffer<Action>) {
        guard input != .lost else { return }
        input = .lost
        actions.append(.send(Frame.reply(.failure(refusal), to: .null)))
    }
}

extension ByteBuffer {
    /// Whether a line has nothing in it; some clients end theirs with a carriage return, too.
    fileprivate var isBlankLine: Bool {
        readableBytes == 0 || readableBytes == 1 && getInteger(at: readerIndex, as: UInt8.self) == UInt8(ascii: "\r")
    }
}
