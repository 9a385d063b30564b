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

    /// Room for a head, so that it is written without growing.
    private static let usualHeadBytes = 512

    let loop: any EventLoop
    let kept: KeptConnections

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
        FastCGIRecords.appendEnd(requestId: connection.requestId, isLast: !kept.willKeep(connection), into: &records)
        let sent = records.readWithUnsafeReadableBytes { bytes in
            let count = Glibc.send(
                connection.descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            return (max(0, count), count)
        }
        let isLost = sent < 0 && errno != EAGAIN && errno != EINTR
        guard !isLost, records.readableBytes > 0 || !connection.isRead else {
            if isLost || !connection.isKept || !kept.keep(connection.descriptor) {
                kept.forget(connection.descriptor)
                Glibc.close(connection.descriptor)
            }
            return loop.makeSucceededVoidFuture()
        }
        return open(connection, then: [AbortedRequestCloser()]).assumeIsolated().flatMap { response in
            response.finish(with: records)
            return response.channel.closeFuture
        }.nonisolated()
    }

    private func send(
        _ part: FilePart, after head: ByteBuffer, on connection: FastCGIConnection
    ) -> EventLoopFuture<Void> {
        open(connection, then: [AbortedRequestCloser()]).assumeIsolated().flatMap { response in
            FileSender(part, in: response).begin(with: head)
            return response.channel.closeFuture
        }.nonisolated()
    }

    private func stream(
        _ source: any EventSource, after head: ByteBuffer, on connection: FastCGIConnection
    ) -> EventLoopFuture<Void> {
        let opened = open(connection).assumeIsolated()
        opened.whenFailure { _ in source.ended() }
        return opened.flatMap { response in
            FastCGIEventStream(of: source, in: response).begin(with: head)
            return response.channel.closeFuture
        }.nonisolated()
    }

    /// Makes the connection a channel that ends when the peer goes or takes nothing for long.
    private func open(
        _ connection: FastCGIConnection, then more: [any ChannelHandler & Sendable] = []
    ) -> EventLoopFuture<OpenResponse> {
        kept.forget(connection.descriptor)
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
            .map { [kept] in OpenResponse(channel: $0, connection: connection, kept: kept) }
    }
}
