import JSON
import JobModel
import JobWire
package import NIOCore

/// One client of a WebSocket: his messages come in, and replies and notifications go out, on whatever carries them.
///
/// What he may do is decided where it is for HTTP: each request goes to the daemon with who asks, as the web server or a
/// token says. Lives on the event loop.
package final class SocketSession {
    /// Requests that are open at the same time; more wait, and so does what is behind them.
    ///
    /// One whose answer may be large counts as many.
    private static let maximumOpen = 128
    private static let largeCount = 32
    /// Looks at a message that has begun, after which it has taken too long: more than 30 seconds.
    private static let maximumMessageBeats = 2
    /// Signs of life without an answer, after which nobody is there: two minutes, as for streams.
    private static let maximumQuietBeats = 8
    /// How long requests may take to end when the front stops.
    private static let farewell = TimeAmount.seconds(2)
    /// No token is longer.
    private static let maximumTokenBytes = 8192
    /// What a request has beside its parameters on its way to the daemon.
    private static let envelopeBytes = 16 * 1024

    private struct Waiting {
        let request: SocketRequest
        let exchange: SocketExchange
    }

    private let sockets: Sockets
    private var caller: Caller
    private weak var sink: (any MessageSink)?
    private let watches: SocketWatches
    private var waiting = CircularBuffer<Waiting>()
    private var openCount = 0
    private var hasAsked = false
    /// How it ends once what is under way is answered; nil while it goes on.
    private var goodbye: (code: CloseCode, reason: String)?
    /// Nothing more is taken, and nothing answered.
    private var isOver = false
    private var hasEnded = false
    private var quietBeats = 0
    private var messageBeats = 0
    /// What it holds: messages, and what its client has not taken.
    private(set) var heldBytes = 0
    /// The second of these.
    private var stuckBytes = 0

    init(for caller: Caller, of sockets: Sockets) {
        self.sockets = sockets
        self.caller = caller
        watches = SocketWatches(sockets)
    }

    // MARK: From the transport

    /// The connection is there.
    package func begin(on sink: any MessageSink) { self.sink = sink }

    /// Whether more may be read: not while requests wait their turn, or the client takes nothing.
    package var mayRead: Bool { isOver || waiting.isEmpty && openCount < Self.maximumOpen && isWritable }

    /// Counts bytes of a message that comes, before they are kept.
    package func hold(_ count: Int) {
        // Of a session that ends nothing counts.
        guard !isOver else { return }
        heldBytes += count
        sockets.hold(count)
    }

    /// What was held has gone.
    package func release(_ count: Int) {
        let count = min(count, heldBytes)
        heldBytes -= count
        sockets.release(count)
    }

    /// The client has shown that he is there.
    package func sawLife() { quietBeats = 0 }

    /// Takes a message that has come whole, with the room that is held for it.
    package func receive(_ text: ByteBuffer) {
        let byteCount = text.readableBytes
        messageBeats = 0
        guard !isOver, goodbye == nil else { return release(byteCount) }
        switch SocketMessage(text) {
        case .blank: release(byteCount)
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
            end(.wrongContent, "A message was not JSON.")
        }
        start()
    }

    /// The client has taken what was sent.
    package func canWrite() {
        release(stuckBytes)
        stuckBytes = 0
        watches.canWrite()
        start()
    }

    /// The connection has ended, or there could not even be one.
    package func ended() {
        guard !hasEnded else { return }
        (isOver, hasEnded) = (true, true)
        sink = nil
        waiting = []
        watches.endAll()
        release(heldBytes)
        sockets.ended(self)
    }

    // MARK: From the front

    /// Looks whether the client is still there.
    func beat() {
        guard let sink, !isOver else { return }
        // Whoever is not read cannot be heard.
        guard waiting.isEmpty, openCount < Self.maximumOpen else { return }
        messageBeats = sink.isWithinMessage ? messageBeats + 1 : 0
        guard messageBeats <= Self.maximumMessageBeats else {
            return finish(.policy, "A message took longer than half a minute.")
        }
        quietBeats += 1
        guard quietBeats <= Self.maximumQuietBeats else {
            return finish(.internalError, "No sign of life has come for two minutes.")
        }
        if sink.isWritable { sink.ping() }
    }

    /// The front stops.
    func stop() { end(.goingAway, "This front ends; connect again.") }

    /// Takes nothing more, and ends once what was asked is answered, or takes too long.
    private func end(_ code: CloseCode, _ reason: String) {
        guard goodbye == nil else { return }
        goodbye = (code, reason)
        sockets.loop.assumeIsolated().scheduleTask(in: Self.farewell) { [weak self] in self?.finish(code, reason) }
        endIfAnswered()
    }

    private func endIfAnswered() {
        if let goodbye, openCount == 0, waiting.isEmpty { finish(goodbye.code, goodbye.reason) }
    }

    /// Ends, because it holds more than any other, and all together hold too much.
    func drop() { finish(.tryAgainLater, "Too much is held for this connection; try again in a moment.") }

    private func finish(_ code: CloseCode, _ reason: String) {
        guard !isOver else { return }
        isOver = true
        waiting = []
        watches.endAll()
        release(heldBytes)
        stuckBytes = 0
        sink?.close(code, reason)
    }

    // MARK: Requests

    private func start() {
        while openCount < Self.maximumOpen, isWritable, !isOver, let next = waiting.popFirst() {
            let count = next.request.mayAnswerLargely ? Self.largeCount : 1
            openCount += count
            perform(next.request).assumeIsolated().whenComplete { [self] result in
                openCount -= count
                answer(result, next)
                // Not from within: an answer may come at once.
                if !waiting.isEmpty { sockets.loop.assumeIsolated().execute { [self] in start() } }
                readMore()
                endIfAnswered()
            }
        }
        readMore()
    }

    private func readMore() { if mayRead { sink?.readMore() } }

    private func perform(_ request: SocketRequest) -> EventLoopFuture<ByteBuffer> {
        let isFirst = !hasAsked
        hasAsked = true
        do throws(Refusal) {
            switch try request.word.get() {
            case .beginSession: return try beginSession(request.params, isFirst: isFirst)
            case .method(.watchJobs): return try watch(request.params)
            case .method(.unwatchJobs): return try unwatch(request.params)
            case .method(let method): return try say(method, request.params)
            }
        } catch {
            sockets.refusals.tell(error, asking: "GET /api/jobd/socket", by: caller)
            return sockets.loop.makeFailedFuture(error)
        }
    }

    /// Whoever shows a token is its holder from then on, be it worth something or not: a wrong one never makes him nobody.
    private func beginSession(_ params: JSONValue?, isFirst: Bool) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        guard isFirst else {
            throw Refusal(.invalidRequest, "session.begin is the first message, or none.", pointer: "")
        }
        guard let object = params?.object, let token = object["token"]?.string else {
            throw Refusal.wrongField("token", "is missing, or is not a text")
        }
        if let other = object.members.first(where: { $0.key != "token" }) {
            throw Refusal.wrongField(other.key, "is not a field of this request")
        }
        let isToken = token.utf8.count <= Self.maximumTokenBytes
        caller = Caller(
            role: caller.role, owner: caller.owner, address: caller.address, token: isToken ? token : "")
        return try say(.getSession, nil)
    }

    private func say(_ method: Method, _ params: JSONValue?) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        if method == .getJob, case .getJob(let id, let since, let wait) = try Self.call(method, params), wait > .zero {
            return sockets.waits.wait(for: id, by: caller, above: since, atMost: wait)
        }
        let params = params?.object.map { .object(method.completed($0)) } ?? params ?? .object(JSONObject())
        let bytes = params.bytes
        guard bytes.count <= LineFraming.requestLimit - Self.envelopeBytes else {
            throw Refusal(.payloadTooLarge, "The parameters are too large; files are uploaded over HTTP.")
        }
        return sockets.link.call(
            method, bytes, by: caller, resending: method.resending(params), settle: method.settle)
    }

    /// What the parameters mean, or why they mean nothing: as the daemon reads them.
    private static func call(_ method: Method, _ params: JSONValue?) throws(Refusal) -> Call {
        try Call(method, params: params) { .random() }
    }

    // MARK: Watches

    private func watch(_ params: JSONValue?) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        guard case .watch(let jobIds, let queue, let since) = try Self.call(.watchJobs, params) else {
            throw Refusal(.internalError, "The parameters could not be read.")
        }
        return try watches.begin(jobIds, queue: queue, since: since, for: caller, session: self)
    }

    private func unwatch(_ params: JSONValue?) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        if case .unwatch(let number) = try Self.call(.unwatchJobs, params) { watches.end(number) }
        return sockets.loop.makeSucceededFuture(ByteBuffer(string: "{}"))
    }

    /// Ends a watch that has missed something, and says so.
    func lag(_ watch: SocketWatch) {
        guard !watch.isOver else { return }
        watches.end(watch.number)
        send([watch.lagged])
    }

    // MARK: Answers

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
        guard !sink.isWritable else { return }
        let count = parts.reduce(0) { $0 + $1.readableBytes }
        stuckBytes += count
        hold(count)
    }
}
