import NIOCore

/// Accepts nothing for a moment after an accept that failed: without a free descriptor none succeeds, and the socket stays
/// readable.
///
/// NIO's own handler holds back the next read, but not the one that has failed, which is asked for again at once.
final class AcceptPause: ChannelInboundHandler {
    typealias InboundIn = any Channel

    private static let length = TimeAmount.milliseconds(100)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let channel = context.channel
        _ = channel.setOption(.autoRead, value: false)
        context.eventLoop.scheduleTask(in: Self.length) { _ = channel.setOption(.autoRead, value: true) }
    }
}
