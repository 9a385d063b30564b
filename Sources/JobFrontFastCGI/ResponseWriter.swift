import Glibc
import JobFront
import NIOCore
import NIOPosix

/// Sends responses on connections that were taken over from libfcgi; on the event loop.
///
/// Nearly every response fits into the socket's buffer: it leaves in one system call, and the connection never becomes a
/// channel. What does not fit, files and event streams go on as channels, whose back pressure keeps memory constant.
struct ResponseWriter: Sendable {
    /// A peer that takes nothing for this long is given up.
    static let sendTimeout = TimeAmount.seconds(120)
    /// How long a peer may go on with a body that nobody wants.
    static let drainTime = TimeAmount.seconds(10)
    /// A silence after which it has seen the answer: nginx stops sending then, and waits for us to close.
    static let drainSilence = TimeAmount.milliseconds(500)

    /// Room for a head, so that it is written without growing.
    private static let usualHeadBytes = 512

    let loop: any EventLoop
    /// Takes a connection on which everything was said; false when it must be closed.
    let keep: @Sendable (CInt) -> Bool
    /// Hears of a connection that will not come back, or not under this number.
    let forget: @Sendable (CInt) -> Void

    /// Sends a response, and closes the connection or has it kept.
    ///
    /// - Parameters:
    ///   - response: Its file is closed, or its source of events ended, in every case.
    ///   - isHead: Only the head is sent.
    ///   - connection: Ours alone until then.
    /// - Returns: Succeeds when that is done, whether the peer took all of the response or not.
    func send(_ response: HTTPResponse, isHead: Bool, on connection: FastCGIConnection) -> EventLoopFuture<Void> {
        loop.preconditionInEventLoop()
        var output = ByteBufferAllocator().buffer(capacity: Self.usualHeadBytes + response.body.byteCount)
        response.writeHead(into: &output)
        switch response.body {
        case .none: return send(output, on: connection)
        case .bytes(let bytes):
            if !isHead { output.writeImmutableBuffer(bytes) }
            return send(output, on: connection)
        case .file(let part):
            guard !isHead, !part.range.isEmpty else { return send(output, on: connection) }
            return send(part, after: output, on: connection)
        case .socket(let session):
            // No request opens one that came by this way.
            session.value.ended()
            return send(output, on: connection)
        case .events(let source):
            guard !isHead else {
                source.value.ended()
                return send(output, on: connection)
            }
            return stream(source.value, after: output, on: connection)
        }
    }

    /// Sends the whole output at once, as far as the socket takes it.
    private func send(_ output: ByteBuffer, on connection: FastCGIConnection) -> EventLoopFuture<Void> {
        var records = ByteBuffer()
        records.reserveCapacity(output.readableBytes + 64)
        FastCGIRecords.append(output: output, requestId: connection.requestId, into: &records)
        FastCGIRecords.appendEnd(requestId: connection.requestId, isLast: !connection.isKept, into: &records)
        let sent = records.readWithUnsafeReadableBytes { bytes in
            let count = Glibc.send(
                connection.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            return (max(0, count), count)
        }
        let isLost = sent < 0 && errno != EAGAIN && errno != EINTR
        guard !isLost, records.readableBytes > 0 || !connection.isRead else {
            if isLost || !connection.isKept || !keep(connection.descriptor) {
                forget(connection.descriptor)
                Glibc.close(connection.descriptor)
            }
            return loop.makeSucceededVoidFuture()
        }
        return open(connection, then: [AbortedRequestCloser()]).assumeIsolated().flatMap { [keep] channel in
            channel.writeAndFlush(records).assumeIsolated().whenComplete { result in
                if case .success = result, connection.isKept {
                    Self.release(channel, connection.descriptor, keep)
                } else {
                    Self.close(channel, isRead: connection.isRead)
                }
            }
            return channel.closeFuture
        }.nonisolated()
    }

    /// Ends the channel, but not its connection, for which the web server may have a request already.
    private static func release(_ channel: any Channel, _ descriptor: CInt, _ keep: @escaping (CInt) -> Bool) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        channel.close(promise: nil)
        guard copy >= 0 else { return }
        // The channel made the connection one that never waits; libfcgi waits for the rest of a body.
        let waits = fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) & ~O_NONBLOCK) == 0
        if !waits || !keep(copy) { Glibc.close(copy) }
    }

    private func send(
        _ part: FilePart, after head: ByteBuffer, on connection: FastCGIConnection
    ) -> EventLoopFuture<Void> {
        open(connection, then: [AbortedRequestCloser()]).assumeIsolated().flatMap { channel in
            let sender = FileSender(part, channel: channel, requestId: connection.requestId)
            sender.begin(with: head)
            return channel.closeFuture
        }.nonisolated()
    }

    private func stream(
        _ source: any EventSource, after head: ByteBuffer, on connection: FastCGIConnection
    ) -> EventLoopFuture<Void> {
        let channel = open(connection)
        channel.assumeIsolated().whenFailure { _ in source.ended() }
        return channel.assumeIsolated().flatMap { channel in
            let stream = FastCGIEventStream(channel: channel, requestId: connection.requestId, source: source)
            stream.begin(with: head)
            return channel.closeFuture
        }.nonisolated()
    }

    /// Makes the connection a channel that ends when the peer goes or takes nothing for long.
    private func open(
        _ connection: FastCGIConnection, then more: [any ChannelHandler & Sendable] = []
    ) -> EventLoopFuture<any Channel> {
        forget(connection.descriptor)
        return ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let own: [any ChannelHandler] = [
                        IdleStateHandler(writeTimeout: Self.sendTimeout), PeerWatch(connection),
                    ]
                    try channel.pipeline.syncOperations.addHandlers(own + more.map { $0 as any ChannelHandler })
                }
            }
            .withConnectedSocket(connection.descriptor)
    }

    /// Closes a channel, but not under a peer that is still sending: it would see an error instead of the answer.
    ///
    /// Our own side ends at once, or a web server that keeps its connections would use this one again.
    private static func close(_ channel: any Channel, isRead: Bool) {
        let idle = IdleStateHandler(readTimeout: drainSilence)
        guard !isRead, (try? channel.pipeline.syncOperations.addHandler(idle, position: .first)) != nil else {
            return channel.close(promise: nil)
        }
        channel.close(mode: .output, promise: nil)
        let timeout = channel.eventLoop.scheduleTask(in: drainTime) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
    }
}
