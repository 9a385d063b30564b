import JSON
import JobModel
import JobWire
package import NIOCore

/// One client of a WebSocket: its messages come in, and replies and notifications go out, on whatever carries them.
///
/// Lives on the event loop.
package final class SocketSession: Reader {
    /// Requests that are open at the same time; more wait, and so does what is behind them.
    ///
    /// One whose answer may be large counts as many.
    private static let maximumOpen = 128
    private static let largeCount = 32
    /// How long requests may take to end when the front stops.
    private static let patience = TimeAmount.seconds(2)

    private struct Waiting {
        let request: SocketRequest
        let exchange: SocketExchange
    }

    private enum Phase {
        case open
        /// Nothing more is taken, and it ends once what was asked is answered.
        case leaving(Farewell)
        /// Nothing more is taken, and nothing answered: the connection closes.
        case over
        /// The connection has gone.
        case ended
    }

    let isStream = true
    private let sockets: Sockets
    private weak var sink: (any MessageSink)?
    private let watches: SocketWatches
    private let calls: SocketCalls
    private var waiting = SocketSession.nothingWaiting
    private var openCount = 0
    private var phase = Phase.open
    private var pulse = SocketPulse()
    private var held = SocketBytes()
    private var hasSaidAway = false

    /// With room for one: most sockets ask for little, and stay open for hours.
    private static var nothingWaiting: CircularBuffer<Waiting> { CircularBuffer(initialCapacity: 2) }

    init(for caller: Caller, of sockets: Sockets) {
        self.sockets = sockets
        watches = SocketWatches(sockets)
        calls = SocketCalls(for: caller, of: sockets, watches)
    }

    /// Whether nothing is taken or answered any more.
    private var isOver: Bool {
        switch phase {
        case .open, .leaving: false
        case .over, .ended: true
        }
    }

    /// Messages that arrive or wait for their answers, and what its client has not taken, in bytes.
    var heldBytes: Int { held.count }

    // MARK: From the transport

    /// The connection is there.
    package func begin(on sink: any MessageSink) { self.sink = sink }

    /// Whether more may be read: not while requests wait their turn, or the client takes nothing.
    package var mayRead: Bool { isOver || waiting.isEmpty && openCount < Self.maximumOpen && isWritable }

    /// Counts bytes of a message that comes, before they are kept.
    package func hold(_ count: Int) {
        // Of a session that ends nothing counts.
        guard !isOver else { return }
        held.hold(count)
        sockets.hold(count)
    }

    /// What was held has gone.
    package func release(_ count: Int) { sockets.release(held.release(count)) }

    /// The client has shown that it is there.
    package func sawLife() { pulse.sawLife() }

    /// Takes a message that has come whole, with the room that is held for it.
    package func receive(_ text: ByteBuffer) {
        let byteCount = text.readableBytes
        pulse.tookMessage()
        // A message of white space asks for nothing.
        guard case .open = phase, !text.isBlank else { return release(byteCount) }
        switch RequestText(text, noun: "message", read: SocketRequest.init) {
        case .single(let request):
            let exchange = SocketExchange(byteCount: byteCount, count: 1, isBatch: false)
            waiting.append(Waiting(request: request, exchange: exchange))
        case .batch(let requests):
            let exchange = SocketExchange(byteCount: byteCount, count: requests.count, isBatch: true)
            for request in requests { waiting.append(Waiting(request: request, exchange: exchange)) }
        case .refused(let refusal):
            release(byteCount)
            sendRefusal(refusal)
        case .unreadable(let refusal):
            release(byteCount)
            sendRefusal(refusal)
            end(Farewell(code: .wrongContent, reason: "A message was not JSON."))
        }
        start()
    }

    /// The client has taken what was sent.
    package func canWrite() {
        sockets.release(held.releaseUnsent())
        watches.canWrite()
        start()
    }

    /// The connection has ended, or there could not even be one.
    package func ended() {
        if case .ended = phase { return }
        phase = .ended
        sink = nil
        letGo()
        sockets.ended(self)
    }

    // MARK: From the front

    /// Looks whether the client is still there.
    func beat() {
        guard let sink, !isOver else { return }
        // Whoever is not read cannot be heard.
        guard waiting.isEmpty, openCount < Self.maximumOpen else { return }
        if let farewell = pulse.beat(isWithinMessage: sink.isWithinMessage) { return finish(farewell) }
        if sink.isWritable { sink.ping() }
    }

    /// Of the token that its client has shown.
    var tokenEnd: Timestamp? { calls.tokenEnd }

    func endWithToken() {
        finish(Farewell(code: .policy, reason: "The token has ended; connect with another one."))
    }

    /// Says that its watches tell nothing while the daemon does not answer, or that they do again.
    func tell(isAway: Bool) {
        guard isAway != hasSaidAway, !isAway || !watches.isEmpty else { return }
        hasSaidAway = isAway
        send([isAway ? Self.away : Self.back])
    }

    private static let away = ByteBuffer(string: #"{"jsonrpc":"2.0","method":"jobs.away","params":{}}"#)
    private static let back = ByteBuffer(string: #"{"jsonrpc":"2.0","method":"jobs.back","params":{}}"#)

    /// The front stops.
    func interrupt() { end(Farewell(code: .goingAway, reason: "This front ends; connect again.")) }

    /// Takes nothing more, and ends once what was asked is answered, or takes too long.
    private func end(_ farewell: Farewell) {
        guard case .open = phase else { return }
        phase = .leaving(farewell)
        sockets.loop.assumeIsolated().scheduleTask(in: Self.patience) { [weak self] in self?.finish(farewell) }
        endIfAnswered()
    }

    private func endIfAnswered() {
        if case .leaving(let farewell) = phase, openCount == 0, waiting.isEmpty { finish(farewell) }
    }

    /// Ends, because it holds more than any other, and all together hold too much.
    func drop() {
        finish(
            Farewell(
                code: .tryAgainLater, reason: "Too much is held for this connection; try again in a moment."))
    }

    private func finish(_ farewell: Farewell) {
        guard !isOver else { return }
        phase = .over
        letGo()
        sink?.close(farewell.code, farewell.reason)
    }

    /// Nothing of it is answered any more.
    private func letGo() {
        waiting = Self.nothingWaiting
        watches.endAll()
        sockets.release(held.releaseAll())
    }

    // MARK: Requests

    private func start() {
        while openCount < Self.maximumOpen, isWritable, !isOver, let next = waiting.popFirst() {
            let count = next.request.mayAnswerLargely ? Self.largeCount : 1
            openCount += count
            calls.perform(next.request, for: self).assumeIsolated().whenComplete { [self] result in
                openCount -= count
                answer(result, next)
                // Not from within: an answer may come at once.
                if !waiting.isEmpty { sockets.loop.assumeIsolated().execute { [self] in start() } }
                readMore()
                endIfAnswered()
            }
        }
        if waiting.isEmpty, waiting.capacity > 2 { waiting = Self.nothingWaiting }
        readMore()
    }

    private func readMore() { if mayRead { sink?.readMore() } }

    // MARK: Answers

    /// Ends a watch that has missed something, and says so.
    func lag(_ watch: SocketWatch) {
        guard !watch.isOver else { return }
        watches.end(watch.number)
        send([watch.lagged])
    }

    var isWritable: Bool { sink?.isWritable ?? false }

    private func answer(_ result: Result<ByteBuffer, any Error>, _ asked: Waiting) {
        let result = result.mapError { error in
            error as? Refusal ?? Refusal(.internalError, "The front could not answer this request.")
        }
        guard asked.exchange.add(result, to: asked.request.id) else { return }
        release(asked.exchange.byteCount)
        if let message = asked.exchange.message { send([message]) }
        watches.beginAnswered()
    }

    private func sendRefusal(_ refusal: Refusal) {
        let line = Frame.reply(.failure(refusal), to: .null)
        if let text = line.getSlice(at: line.readerIndex, length: line.readableBytes - 1) { send([text]) }
    }

    /// Sends a message; what goes to a client who takes nothing counts until he does.
    func send(_ parts: [ByteBuffer]) {
        guard let sink, !isOver else { return }
        sink.send(parts)
        // Sending may have ended it.
        guard !isOver, !sink.isWritable else { return }
        let count = parts.reduce(0) { $0 + $1.readableBytes }
        held.holdUnsent(count)
        sockets.hold(count)
    }
}

extension ByteBuffer {
    fileprivate var isBlank: Bool { readableBytesView.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } }
}
