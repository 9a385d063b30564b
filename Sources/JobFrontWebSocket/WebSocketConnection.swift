import JobFront
import NIOCore

/// One WebSocket after its handshake: bytes to messages, and back.
///
/// Lives on its channel's loop.
final class WebSocketConnection: ChannelDuplexHandler, MessageSink {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// How much is read at once: a handshake, and more where more comes.
    ///
    /// A channel keeps its first buffer as long as it is open.
    static let receiving = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
    /// From where on what is not sent holds up reading, and has states skipped.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 16 * 1024, high: 32 * 1024)
    /// How long the client may take to end its side; what it still sends is dropped.
    private static let farewell = TimeAmount.seconds(1)
    /// Parts of a longer message are not copied together, but shared with the other connections that they go to.
    private static let copiedBytes = 8192

    private enum State {
        case open
        /// A close frame was sent; what still comes means nothing but its answer.
        case closing
        /// What comes cannot be told apart any more.
        case lost
    }

    private let session: SocketSession
    private var context: ChannelHandlerContext?
    private var reader = FrameReader()
    private var state = State.open
    private var isReadHeld = false

    init(_ session: SocketSession) { self.session = session }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        session.begin(on: self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        session.ended()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard state != .lost else { return }
        var bytes = unwrapInboundIn(data)
        let count = bytes.readableBytes
        session.hold(count)
        // Of what is held now, the session keeps its messages; heads and control frames are not kept.
        var kept = reader.heldBytes + count
        do throws(Violation) {
            while let incoming = try reader.read(&bytes) {
                session.sawLife()
                if case .message(let text) = incoming { kept -= text.readableBytes }
                take(incoming)
                guard state == .open || state == .closing else { break }
            }
        } catch {
            lose(error)
        }
        session.release(kept - reader.heldBytes)
    }

    private func take(_ incoming: FrameReader.Incoming) {
        switch incoming {
        case .message(let text): state == .open ? session.receive(text) : session.release(text.readableBytes)
        case .ping(let payload): if state == .open { write(FrameWriter.control(.pong, payload)) }
        case .pong: break
        case .close(let code):
            // The answer to ours, or the first word, which is answered.
            if state == .open { write(FrameWriter.close(code)) }
            state = .lost
            closeWhenWritten()
        }
    }

    private func lose(_ violation: Violation) {
        if state == .open { write(FrameWriter.close(violation.code.rawValue, violation.reason)) }
        state = .lost
        closeSoon()
    }

    func read(context: ChannelHandlerContext) {
        isReadHeld = state == .open && !session.mayRead
        if !isReadHeld { context.read() }
    }

    func readMore() {
        guard isReadHeld, let context else { return }
        isReadHeld = false
        context.read()
    }

    // MARK: Out

    var isWithinMessage: Bool { reader.isWithinMessage }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, state == .open { session.canWrite() }
        context.fireChannelWritabilityChanged()
    }

    func send(_ parts: [ByteBuffer]) {
        guard state == .open, let context else { return }
        let length = parts.reduce(0) { $0 + $1.readableBytes }
        var frame = ByteBuffer()
        frame.reserveCapacity(length <= Self.copiedBytes ? length + FrameHead.maximumBytes : FrameHead.maximumBytes)
        FrameWriter.writeHead(.text, length: length, into: &frame)
        if length <= Self.copiedBytes {
            for part in parts { frame.writeImmutableBuffer(part) }
            return write(frame)
        }
        context.write(wrapOutboundOut(frame), promise: nil)
        for part in parts { context.write(wrapOutboundOut(part), promise: nil) }
        context.flush()
    }

    func ping() { if state == .open { write(FrameWriter.control(.ping)) } }

    func close(_ code: CloseCode, _ reason: String) {
        guard state == .open else { return }
        write(FrameWriter.close(code.rawValue, reason))
        state = .closing
        // What he does not take is to be gone at once.
        if code == .tryAgainLater, !isWritable { context?.close(promise: nil) }
        closeSoon()
        // Its answer is waited for, also where reading was held up.
        readMore()
    }

    private func write(_ frame: ByteBuffer) { context?.writeAndFlush(wrapOutboundOut(frame), promise: nil) }

    private func closeWhenWritten() {
        guard let context else { return }
        let channel = context.channel
        // Nobody waits for somebody who takes nothing.
        closeSoon()
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    }

    /// Not at once: under the hands of somebody who is still sending, the close frame could get lost.
    private func closeSoon() {
        guard let channel = context?.channel else { return }
        let timeout = channel.eventLoop.scheduleTask(in: Self.farewell) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
    }
}
