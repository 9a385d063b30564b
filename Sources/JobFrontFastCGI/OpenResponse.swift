import Glibc
import NIOCore

/// A response that goes on as a channel, because it does not fit into the socket's buffer or comes piece by piece; on the event
/// loop.
struct OpenResponse: Sendable {
    /// How long a peer may go on with a body that nobody wants.
    private static let drainTime = TimeAmount.seconds(10)
    /// A silence after which it has seen the answer: nginx stops sending then, and waits for us to close.
    private static let drainSilence = TimeAmount.milliseconds(500)

    let channel: any Channel
    let connection: FastCGIConnection
    let kept: KeptConnections

    var requestId: UInt16 { connection.requestId }

    /// Ends the request behind what was written, then closes the connection or has it kept.
    func end() {
        var records = ByteBuffer()
        FastCGIRecords.appendEnd(requestId: requestId, isLast: !kept.willKeep(connection), into: &records)
        finish(with: records)
    }

    /// Writes the last records, the request's end included, then closes the connection or has it kept.
    func finish(with records: ByteBuffer) {
        channel.writeAndFlush(records).assumeIsolated().whenComplete { result in
            if case .success = result, connection.isKept { release() } else { close() }
        }
    }

    /// Ends the channel, but not its connection, for which the web server may have a request already.
    private func release() {
        let copy = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        channel.close(promise: nil)
        guard copy >= 0 else { return }
        // The channel made the connection one that never waits; libfcgi waits for the rest of a body.
        let waits = fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) & ~O_NONBLOCK) == 0
        if !waits || !kept.keep(copy) { Glibc.close(copy) }
    }

    /// Closes the channel, but not under a peer that is still sending: it would see an error instead of the answer.
    ///
    /// Our own side ends at once, or a web server that keeps its connections would use this one again.
    private func close() {
        let idle = IdleStateHandler(readTimeout: Self.drainSilence)
        guard !connection.isRead, (try? channel.pipeline.syncOperations.addHandler(idle, position: .first)) != nil
        else {
            return channel.close(promise: nil)
        }
        channel.close(mode: .output, promise: nil)
        let timeout = channel.eventLoop.scheduleTask(in: Self.drainTime) { [channel] in channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
    }
}
