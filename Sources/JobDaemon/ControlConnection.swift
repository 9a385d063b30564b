import JSON
import JobModel
import JobWire
import NIOCore

/// One connection of the control socket: lines in, requests to the daemon, replies out.
///
/// Knows nothing of jobs. Reads no further while the other end does not read, or has ``maximumOpenRequests`` without an
/// answer, so what it holds is bounded.
///
/// Lives on the daemon's loop. `@unchecked Sendable`: every entry, be it NIO's or the daemon's, runs on that loop, which
/// ``changed(_:json:watch:)`` and the replies check.
final class ControlConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    static let maximumOpenRequests = RequestLine.maximumBatchCount
    /// How long the other end may go on sending what nobody wants.
    private static let drainTime = TimeAmount.seconds(2)

    private let daemon: Daemon
    private var context: ChannelHandlerContext?
    private var openRequests = 0
    /// The other end will send nothing more, and waits for the replies that are left.
    private var isInputClosed = false
    /// What came could not be understood; nothing that follows it counts.
    private var isLost = false
    private var isReadHeld = false
    /// Between the first line of a read and its end.
    private var isReading = false
    private var flushIsNeeded = false
    /// What the other end was too slow for.
    private var unsent = Backlog<WatchedJob, (record: JobRecord, json: ByteBuffer?)>()

    private struct WatchedJob: Hashable {
        let watch: Int
        let jobId: JobID
    }

    init(daemon: Daemon) {
        self.daemon = daemon
    }

    // MARK: Requests

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        daemon.assumeIsolated { $0.connectionBegan() }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        unsent = Backlog()
        daemon.assumeIsolated { $0.connectionEnded(self) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isLost else { return }
        isReading = true
        switch RequestLine.parse(unwrapInboundIn(data), makeJobId: makeJobId) {
        case .single(let request):
            perform(request) { [self] in send($0) }
        case .batch(let requests):
            let batch = BatchReply(count: requests.count) { [self] in send($0) }
            for request in requests { perform(request, then: batch.add) }
        case .unreadable(let refusal):
            end(with: refusal)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if flushIsNeeded { flush() }
        context.fireChannelReadComplete()
    }

    private func makeJobId() -> JobID {
        var generator = SystemRandomNumberGenerator()
        return JobID.make(at: daemon.clock.now, using: &generator)
    }

    /// Performs a request; a notification gets nil instead of a reply's text.
    private func perform(_ request: Request, then send: @escaping @Sendable (ByteBuffer?) -> Void) {
        openRequests += 1
        let id = request.id
        let reply: Reply = { [self] result in
            let loop = daemon.loop
            let finish: @Sendable () -> Void = { [self] in
                openRequests -= 1
                send(id.map { Self.encode(result, id: $0) })
                isInputClosed || isLost ? closeWhenAnswered() : resumeReading()
            }
            loop.inEventLoop ? finish() : loop.execute(finish)
        }
        switch request.call {
        case .success(let call): daemon.assumeIsolated { $0.perform(call, for: self, reply: reply) }
        case .failure(let refusal): reply(.failure(refusal))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        isInputClosed = true
        closeWhenAnswered()
    }

    /// Closes the connection once the last reply is out; not under the hands of somebody who is still sending, because
    /// what nobody reads would cost him the reply.
    private func closeWhenAnswered() {
        guard openRequests == 0, let context else { return }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { [isInputClosed] _ in
            guard !isInputClosed else { return channel.close(promise: nil) }
            channel.close(mode: .output, promise: nil)
            let timeout = channel.eventLoop.scheduleTask(in: Self.drainTime) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in timeout.cancel() }
        }
    }

    private static func encode(_ result: Result<ByteBuffer, Refusal>, id: JSONValue) -> ByteBuffer {
        let (name, body): (StaticString, ByteBuffer) =
            switch result {
            case .success(let body): (#","result":"#, body)
            case .failure(let refusal): (#","error":"#, ByteBuffer(bytes: refusal.json.bytes))
            }
        let id = id.text
        // One allocation: with the fixed parts, the closing brace and the line feed.
        var line = ByteBufferAllocator().buffer(capacity: id.utf8.count + body.readableBytes + 40)
        line.writeStaticString(#"{"jsonrpc":"2.0","id":"#)
        line.writeString(id)
        line.writeStaticString(name)
        line.writeImmutableBuffer(body)
        line.writeStaticString("}\n")
        return line
    }

    /// Says why nothing more is taken; what was asked before is still answered.
    private func end(with refusal: Refusal) {
        isLost = true
        send(Self.encode(.failure(refusal), id: .null))
        closeWhenAnswered()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is LineFraming.LineTooLong else { return context.close(promise: nil) }
        guard !isLost else { return }
        let limit = LineFraming.requestLimit
        end(with: Refusal(.notARequest, .payloadTooLarge, "A request line has at most \(limit) bytes."))
    }

    // MARK: Writing

    /// Sends a line, its line feed included; those of one read, or of one turn of the loop, leave in one write.
    private func send(_ line: ByteBuffer?) {
        guard let line, let context else { return }
        context.write(wrapOutboundOut(line), promise: nil)
        guard !flushIsNeeded else { return }
        flushIsNeeded = true
        if !isReading { context.eventLoop.execute { [self] in flush() } }
    }

    private func flush() {
        flushIsNeeded = false
        context?.flush()
    }

    // MARK: Reading no more than can be answered

    func read(context: ChannelHandlerContext) {
        if !isLost, openRequests >= Self.maximumOpenRequests || !context.channel.isWritable {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    private func resumeReading() {
        guard isReadHeld, let context, openRequests < Self.maximumOpenRequests, context.channel.isWritable else {
            return
        }
        isReadHeld = false
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            for (key, state) in unsent.takeAll() { changed(state.record, json: state.json, watch: key.watch) }
            resumeReading()
        }
        context.fireChannelWritabilityChanged()
    }
}

extension ControlConnection: WatchListener {
    var isActive: Bool { context != nil }

    func changed(_ record: JobRecord, json: ByteBuffer?, watch: Int) {
        daemon.loop.preconditionInEventLoop()
        guard let context else { return }
        guard context.channel.isWritable else {
            unsent.put(
                (record, json), isFinal: record.job?.status.isFinal ?? true,
                for: WatchedJob(watch: watch, jobId: record.jobId))
            return
        }
        var line = ByteBuffer()
        switch record {
        case .job:
            guard let json else { return }
            line.writeString(#"{"jsonrpc":"2.0","method":"jobs.changed","params":{"watch":\#(watch),"job":"#)
            line.writeImmutableBuffer(json)
            line.writeStaticString("}}\n")
        case .gone(let tombstone):
            let params: JSONValue = [
                "watch": JSONValue(watch), "jobId": .string(tombstone.jobId.description),
                "jobStatus": .string(tombstone.jobStatus.rawValue), "finishedAt": JSONValue(tombstone.finishedAt),
                "goneAt": JSONValue(tombstone.goneAt),
            ]
            line.writeString(#"{"jsonrpc":"2.0","method":"jobs.gone","params":\#(params.text)}\#n"#)
        }
        send(line)
    }
}
