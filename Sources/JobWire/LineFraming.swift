import Glibc
package import NIOCore

/// Splits a connection's bytes into lines; both ends of the control socket use it.
///
/// Lines go on without their line feed. The last one needs none when the other end ends its side of the connection; with
/// the whole connection it is dropped. Lives on its channel's loop.
package final class LineFraming: ChannelInboundHandler {
    /// Bytes as they come.
    package typealias InboundIn = ByteBuffer
    /// Whole lines.
    package typealias InboundOut = ByteBuffer

    /// A request line's most bytes.
    package static let requestLimit = 2 * 1024 * 1024

    /// Caught once a line is longer than the limit; the rest of the connection cannot be understood, and is dropped.
    package struct LineTooLong: Error {}

    private let limit: Int
    /// The beginning of a line.
    private var rest = ByteBuffer()
    private var isLost = false

    /// `limit`: the most bytes of a line; a longer one is the last that is looked at.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Cuts what came into lines; keeps what is not one yet.
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isLost else { return }
        var bytes = unwrapInboundIn(data)
        // In what came before there is no line feed.
        var scanned = rest.readableBytes
        if scanned > 0 {
            rest.writeBuffer(&bytes)
            bytes = rest
            rest = ByteBuffer()
        }
        while let length = bytes.lengthOfLine(from: scanned) {
            scanned = 0
            guard length <= limit, let line = bytes.readSlice(length: length) else { return giveUp(context) }
            bytes.moveReaderIndex(forwardBy: 1)
            context.fireChannelRead(wrapInboundOut(line))
        }
        guard bytes.readableBytes <= limit else { return giveUp(context) }
        if bytes.readableBytes > 0 { rest = bytes.slice() }
    }

    /// Passes on what is left when the other end ends its side.
    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent, rest.readableBytes > 0, !isLost {
            let line = rest
            rest = ByteBuffer()
            context.fireChannelRead(wrapInboundOut(line))
            context.fireChannelReadComplete()
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func giveUp(_ context: ChannelHandlerContext) {
        isLost = true
        context.fireErrorCaught(LineTooLong())
    }
}

extension ByteBuffer {
    /// How many bytes there are before the first line feed, none of which is in the first `scanned` ones; nil without one.
    fileprivate func lengthOfLine(from scanned: Int) -> Int? {
        withUnsafeReadableBytes { bytes in
            guard let start = bytes.baseAddress, scanned < bytes.count,
                let end = memchr(start + scanned, 0x0A, bytes.count - scanned)
            else { return nil }
            return UnsafeRawPointer(end) - start
        }
    }
}
