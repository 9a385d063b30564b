import JobDaemonTesting
import JobTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on this machine that remembers what it is sent, and answers what a test says.
final class TestReceiver: Sendable {
    struct Request: Sendable {
        let uri: String
        let headers: HTTPHeaders
        let body: String
    }

    enum Answer: Sendable {
        case status(Int, HTTPHeaders = [:])
        /// No answer at all.
        case silence
        /// An answer whose body never ends.
        case endless
    }

    private struct State {
        var requests: [Request] = []
        var connections = 0
        var answers: [Answer] = []
    }

    private let state = Mutex(State())
    private let channel: Mutex<(any Channel)?> = Mutex(nil)

    /// Listens on 127.0.0.1, with TLS if it has a certificate.
    static func start(
        _ answers: [Answer] = [], certificate: (NIOSSLCertificate, NIOSSLPrivateKey)? = nil
    ) async throws -> TestReceiver {
        let receiver = TestReceiver()
        receiver.state.withLock { $0.answers = answers }
        let tls = try certificate.map { certificate, key in
            try NIOSSLContext(
                configuration: .makeServerConfiguration(
                    certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        }
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    receiver.state.withLock { $0.connections += 1 }
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(receiver: receiver))
                }
            }
            .bind(host: "127.0.0.1", port: 0).outcome()
        receiver.channel.withLock { $0 = channel }
        return receiver
    }

    var port: Int { channel.withLock { $0?.localAddress?.port ?? 0 } }
    var requests: [Request] { state.withLock { $0.requests } }
    var connections: Int { state.withLock { $0.connections } }

    func stop() async throws { try await channel.withLock { $0 }?.close().outcome() }

    fileprivate func take(_ request: Request) -> Answer {
        state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? .status(204) : state.answers.removeFirst()
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let receiver: TestReceiver
        private var head: HTTPRequestHead?
        private var body = ""

        init(receiver: TestReceiver) {
            self.receiver = receiver
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): self.head = head
            case .body(let bytes): body += String(buffer: bytes)
            case .end:
                guard let head else { return }
                answer(
                    receiver.take(Request(uri: head.uri, headers: head.headers, body: body)), on: context)
            }
        }

        private func answer(_ answer: Answer, on context: ChannelHandlerContext) {
            switch answer {
            case .silence: break
            case .status(let status, let headers):
                var headers = headers
                if status != 204 { headers.replaceOrAdd(name: "content-length", value: "0") }
                let head = HTTPResponseHead(
                    version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .endless:
                let head = HTTPResponseHead(
                    version: .http1_1, status: .ok, headers: ["transfer-encoding": "chunked"])
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                goOn(on: context)
            }
        }

        /// Writes as long as somebody reads.
        private func goOn(on context: ChannelHandlerContext) {
            let bytes = ByteBuffer(repeating: UInt8(ascii: "x"), count: 65_536)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(bytes)))).whenSuccess {
                bound.value.0.goOn(on: bound.value.1)
            }
        }
    }
}
