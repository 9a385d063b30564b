import Crypto
import FoundationEssentials
import JobFront
import JobWire
import NIOCore
import NIOHTTP1

/// The first request of a connection, and what becomes of it: a WebSocket, or an answer and an end.
///
/// Lives on its channel's loop.
final class WebSocketHandshake: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = HTTPServerResponsePart

    /// What makes an answer of a key; RFC 6455, section 1.3.
    private static let mark = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    /// How long a head may take to come.
    private static let patience = TimeAmount.seconds(5)
    /// How long the other end may take to read an answer.
    private static let farewell = TimeAmount.seconds(5)

    private enum State {
        case waiting
        /// The head has come, and must be all.
        case begun(HTTPRequestHead)
        /// The front decides; nothing is read meanwhile.
        case deciding(HTTPRequestHead)
        case over
    }

    private let receive: @Sendable (any IncomingRequest) -> Void
    private let http: [any RemovableChannelHandler]
    private var state = State.waiting
    private let loop: any EventLoop
    private var context: ChannelHandlerContext?
    private var timeout: Scheduled<Void>?

    /// Hands the request to `receive`; when it becomes a WebSocket, the handlers of HTTP go, the encoder first.
    init(
        http: [any RemovableChannelHandler], on loop: any EventLoop,
        receive: @escaping @Sendable (any IncomingRequest) -> Void
    ) {
        self.http = http
        self.loop = loop
        self.receive = receive
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let channel = context.channel
        timeout = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        timeout?.cancel()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.waiting, .head(let head)) where head.version == .http1_1: state = .begun(head)
        case (.begun(let head), .end):
            state = .deciding(head)
            timeout?.cancel()
            let responder = WebSocketResponder(handshake: NIOLoopBound(self, eventLoop: context.eventLoop))
            receive(HandshakeRequest(head, responder: responder))
        // A body, or another request behind it: what follows could be taken for something else by each side.
        case (.begun, _), (.deciding, _), (.waiting, _): refuse(context)
        case (.over, _): break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .over = state { return context.close(promise: nil) }
        refuse(context)
    }

    func read(context: ChannelHandlerContext) {
        if case .deciding = state { return }
        context.read()
    }

    // MARK: Answers

    /// Makes a WebSocket of the connection, or answers and ends it.
    ///
    /// - Returns: Succeeds when the connection has ended.
    func answer(_ response: HTTPResponse, isHead: Bool) -> EventLoopFuture<Void> {
        var session: SocketSession?
        if case .socket(let bound) = response.body { session = bound.value }
        guard let context, case .deciding(let head) = state else {
            session?.ended()
            // The channel is closed, or about to be.
            return context?.channel.closeFuture ?? loop.makeSucceededVoidFuture()
        }
        let closing = context.channel.closeFuture
        if let session {
            switchOver(context, to: session, head, response)
        } else {
            refuse(context, with: response, isHead: isHead)
        }
        return closing
    }

    private func switchOver(
        _ context: ChannelHandlerContext, to session: SocketSession, _ request: HTTPRequestHead,
        _ response: HTTPResponse
    ) {
        state = .over
        let channel = context.channel
        let key = request.headers.first(name: "Sec-WebSocket-Key") ?? ""
        let digest = Insecure.SHA1.hash(data: Data((key + Self.mark).utf8))
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        headers.add(name: "Upgrade", value: "websocket")
        headers.add(name: "Connection", value: "Upgrade")
        headers.add(name: "Sec-WebSocket-Accept", value: Data(digest).base64EncodedString())
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(WebSocketConnection(session))
            // Before the decoder, which hands on the bytes that it has left.
            pipeline.removeHandler(context: context, promise: nil)
            for handler in http { pipeline.removeHandler(handler, promise: nil) }
            if channel.isActive { channel.read() } else { session.ended() }
        } catch {
            session.ended()
            channel.close(promise: nil)
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let reason = "A WebSocket begins with a GET of HTTP/1.1 that has no body."
        refuse(context, with: Problem.response(Refusal(.invalidRequest, reason)), isHead: false)
    }

    private func refuse(_ context: ChannelHandlerContext, with response: HTTPResponse, isHead: Bool) {
        state = .over
        timeout?.cancel()
        var headers = HTTPHeaders(response.headers.map { ($0.name, $0.value) })
        if response.status != 204 {
            headers.add(name: "Content-Length", value: String(response.body.byteCount))
        }
        headers.add(name: "Connection", value: "close")
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if case .bytes(let bytes) = response.body, !isHead {
            context.write(wrapOutboundOut(.body(.byteBuffer(bytes))), promise: nil)
        }
        let channel = context.channel
        let timeout = channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            timeout.cancel()
            channel.close(promise: nil)
        }
    }
}
