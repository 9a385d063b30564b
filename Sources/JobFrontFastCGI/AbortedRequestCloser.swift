import NIOCore

/// Closes the channel of a request that was given up.
final class AbortedRequestCloser: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is PeerWatch.Aborted { context.close(promise: nil) }
    }
}
