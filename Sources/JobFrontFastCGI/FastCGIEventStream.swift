import JobFront
import NIOCore

/// A response that stays open, as STDOUT records; on the event loop.
final class FastCGIEventStream: ChannelInboundHandler, EventSink {
    typealias InboundIn = ByteBuffer

    private static let copiedBytes = 4096

    private let response: OpenResponse
    private let source: any EventSource
    private var isOver = false

    init(of source: any EventSource, in response: OpenResponse) {
        self.source = source
        self.response = response
    }

    private var channel: any Channel { response.channel }

    var isWritable: Bool { channel.isWritable }

    func begin(with head: ByteBuffer) {
        channel.closeFuture.assumeIsolated().whenComplete { [source] _ in source.ended() }
        do {
            try channel.pipeline.syncOperations.addHandler(self)
            write(head)
            source.begin(on: self)
        } catch {
            channel.close(promise: nil)
        }
    }

    /// Writes text; the bytes of a long one are shared with the other streams that it is written to.
    func write(_ text: ByteBuffer) {
        guard !isOver else { return }
        guard text.readableBytes > Self.copiedBytes else { return writeCopy(of: text) }
        var rest = text
        while let part = rest.readSlice(length: min(rest.readableBytes, FastCGIRecords.maximumContent)),
            part.readableBytes > 0
        {
            channel.write(
                FastCGIRecords.outputHeader(length: part.readableBytes, requestId: response.requestId), promise: nil)
            channel.write(part, promise: nil)
        }
        channel.flush()
    }

    /// A second buffer costs the channel more than the copy of a short text behind its header.
    private func writeCopy(of text: ByteBuffer) {
        var records = ByteBuffer()
        records.reserveCapacity(text.readableBytes + 8)
        FastCGIRecords.append(output: text, requestId: response.requestId, into: &records)
        channel.writeAndFlush(records, promise: nil)
    }

    func end() {
        guard !isOver else { return }
        isOver = true
        response.end()
    }

    /// A web server that gives the request up still wants to hear its end.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is PeerWatch.Aborted { end() } else { context.fireUserInboundEventTriggered(event) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, !isOver { source.canWrite(to: self) }
        context.fireChannelWritabilityChanged()
    }
}
