import NIOCore

/// Looks at what a web server sends while it is answered: drops the rest of a body, ends what it gives up, and refuses a
/// second request beside the first; closes the channel of one that takes nothing.
final class PeerWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The web server gave the request up.
    struct Aborted {}

    /// Nil where something of the body is still to come: then nobody knows where a record begins.
    private let requestId: UInt16?
    /// Of a record whose header has not come whole.
    private var begun = ByteBuffer()
    /// What is left of a record's content.
    private var skipped = 0
    private var isLost = false

    init(_ connection: FastCGIConnection) {
        requestId = connection.isRead ? connection.requestId : nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        while requestId != nil, !isLost, bytes.readableBytes > 0 {
            let part = min(skipped, bytes.readableBytes)
            bytes.moveReaderIndex(forwardBy: part)
            skipped -= part
            guard skipped == 0, let more = bytes.readSlice(length: missing(bytes)) else { continue }
            begun.writeImmutableBuffer(more)
            guard let header = RecordHeader(begun.readableBytesView) else { continue }
            begun.clear()
            skipped = header.restLength
            take(header, isLast: bytes.readableBytes <= skipped, context)
        }
    }

    private func missing(_ bytes: ByteBuffer) -> Int {
        min(RecordHeader.byteCount - begun.readableBytes, bytes.readableBytes)
    }

    private func take(_ header: RecordHeader, isLast: Bool, _ context: ChannelHandlerContext) {
        // Not FastCGI any more; nothing in it means anything.
        isLost = !header.isOfThisVersion
        guard !isLost else { return }
        switch header.kind {
        // What came behind it is read and cannot be put back: whoever sent it must not wait for an answer.
        case RecordHeader.Kind.abortRequest where header.requestId == requestId && !isLast:
            isLost = true
            context.close(promise: nil)
        case RecordHeader.Kind.abortRequest where header.requestId == requestId:
            context.fireUserInboundEventTriggered(Aborted())
        case RecordHeader.Kind.beginRequest where header.requestId != requestId && !header.isManagement:
            var records = ByteBuffer()
            FastCGIRecords.appendRefusal(requestId: header.requestId, into: &records)
            context.writeAndFlush(wrapOutboundOut(records), promise: nil)
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
