import Glibc
import JobModel
import JobWire
import NIOCore

/// Does for one connection of the control socket what its ``Connection`` says.
///
/// Lives on the daemon's loop. `@unchecked Sendable`: every entry, be it NIO's or the daemon's, runs on that loop, which
/// ``changed(_:json:watch:)`` and the replies check.
final class ControlConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// From where on what is not sent holds up reading.
    static let waterMark = ChannelOptions.Types.WriteBufferWaterMark(low: 32 * 1024, high: 64 * 1024)
    /// How long the other end may go on sending what nobody wants.
    private static let drainTime = TimeAmount.seconds(2)

    private let daemon: Daemon
    private let door: Door
    private let flushes: Flushes
    /// How long nothing may move while something waits.
    private let patience: TimeAmount
    /// Nil until the kernel has said it.
    private var peer: AuditLog.Peer?
    private var context: ChannelHandlerContext?
    private var connection: Connection
    private var actions = Actions()
    private var stall = StallDetector()
    private var unsentStates = UnsentStates()
    private var flushing = Flushing()
    private var flow = Flow()

    private struct Actions {
        var waiting = CircularBuffer<Connection.Action>()
        var areUnderWay = false
    }

    /// Whether the two directions flow.
    private struct Flow {
        /// As NIO says it with ``channelWritabilityChanged(context:)``.
        var isWritable = true
        var isReadHeld = false
    }

    private struct Flushing {
        var isNeeded = false
        /// Between the first line of a read and its end, which flushes.
        var waitsForRead = false
    }

    init(daemon: Daemon, door: Door, flushes: Flushes, patience: TimeAmount) {
        self.daemon = daemon
        self.door = door
        self.flushes = flushes
        self.patience = patience
        let clock = daemon.clock
        connection = Connection(door: door) {
            var generator = SystemRandomNumberGenerator()
            return JobID.make(at: clock.now, using: &generator)
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        daemon.assumeIsolated { $0.connectionBegan() }
        readPeer(of: context.channel)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        unsentStates = UnsentStates()
        daemon.assumeIsolated { $0.connectionEnded(self) }
        context.fireChannelInactive()
    }

    /// What SO_PEERCRED gives; socket(7) calls it `ucred`.
    private struct Credentials {
        let pid: pid_t
        let uid: uid_t
        let gid: gid_t
    }

    private func readPeer(of channel: any Channel) {
        guard let options = channel as? any SocketOptionProvider else { return }
        let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        credentials.whenSuccess { [self] in peer = AuditLog.Peer(uid: $0.uid, pid: $0.pid) }
    }

    // MARK: Events

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        flushing.waitsForRead = true
        take(.line(unwrapInboundIn(data)))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flushing.waitsForRead = false
        if flushing.isNeeded { flushNow() }
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        take(.inputEnded)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is LineFraming.LineTooLong else { return context.close(promise: nil) }
        take(.lineTooLong)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flow.isWritable = context.channel.isWritable
        if flow.isWritable {
            sendStates()
            take(.turn)
        } else {
            lookAfterOutput(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func read(context: ChannelHandlerContext) {
        flow.isReadHeld = !mayRead
        if !flow.isReadHeld { context.read() }
    }

    private var mayRead: Bool { connection.isLost || connection.mayRead && flow.isWritable }

    // MARK: Actions

    private func take(_ event: Connection.Event) {
        // What is below the mark is not worth asking for.
        let unsent = flow.isWritable ? 0 : self.unsent
        connection.take(event, unsent: unsent, into: &actions.waiting)
        // An action may bring the next event at once.
        guard !actions.areUnderWay else { return }
        actions.areUnderWay = true
        while let action = actions.waiting.popFirst() { perform(action) }
        actions.areUnderWay = false
        guard flow.isReadHeld, let context, mayRead else { return }
        flow.isReadHeld = false
        context.read()
    }

    private func perform(_ action: Connection.Action) {
        switch action {
        case .perform(let call, let ticket): perform(call, ticket)
        case .send(let line): send(line)
        case .waitForTurn: daemon.loop.execute { [self] in take(.turn) }
        case .finish(let isInputOpen): finish(isInputOpen: isInputOpen)
        }
    }

    private func perform(_ call: Call, _ ticket: Connection.Ticket) {
        let reply: Reply = { [self] result in
            let loop = daemon.loop
            let finish: @Sendable () -> Void = { [self] in take(.answered(ticket, result)) }
            loop.inEventLoop ? finish() : loop.execute(finish)
        }
        daemon.assumeIsolated {
            $0.perform(call, by: ticket.caller, through: door, peer: peer, for: self, reply: reply)
        }
    }

    /// Not under the hands of somebody who is still sending, because what nobody reads would cost him the reply.
    private func finish(isInputOpen: Bool) {
        guard let context else { return }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in
            guard isInputOpen else { return channel.close(promise: nil) }
            channel.close(mode: .output, promise: nil)
            let timeout = channel.eventLoop.scheduleTask(in: Self.drainTime) { channel.close(promise: nil) }
            channel.closeFuture.whenComplete { _ in timeout.cancel() }
        }
    }

    // MARK: Writing

    /// Sends a line, its line feed included; those of one read, or of one turn of the loop, leave in one write.
    private func send(_ line: ByteBuffer) {
        guard let context else { return }
        stall.wrote(line.readableBytes)
        context.write(wrapOutboundOut(line), promise: nil)
        guard !flushing.isNeeded else { return }
        flushing.isNeeded = true
        if !flushing.waitsForRead { flushes.add(self) }
    }

    /// Hands what was sent to the kernel.
    func flushNow() {
        flushing.isNeeded = false
        context?.flush()
    }

    /// Bytes that the other end has not taken.
    private var unsent: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        return (try? options.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Ends the connection of somebody who takes nothing, so that it holds nothing.
    private func lookAfterOutput(_ context: ChannelHandlerContext) {
        guard stall.beginsLooking() else { return }
        context.eventLoop.scheduleTask(in: patience) { [self] in
            stall.endsLooking()
            guard let context = self.context, !flow.isWritable else { return }
            guard stall.hasMoved(unsent: unsent) else { return context.close(promise: nil) }
            lookAfterOutput(context)
        }
    }

    private func sendStates() {
        while context != nil, flow.isWritable, let (record, watch) = unsentStates.popFirst() {
            send(record, json: nil, watch: watch)
        }
    }

    private func send(_ record: JobRecord, json: ByteBuffer?, watch: Int) {
        switch record {
        case .gone(let tombstone): send(Frame.gone(tombstone, watch: watch))
        case .job(let job):
            let json = json ?? daemon.assumeIsolated { $0.encoded(record) } ?? ByteBuffer(bytes: job.encoded())
            send(Frame.changed(json, watch: watch))
        }
    }
}

extension ControlConnection: WatchListener {
    var isActive: Bool { context != nil }

    func changed(_ record: JobRecord, json: ByteBuffer?, watch: Watches.Number) {
        daemon.loop.preconditionInEventLoop()
        guard let context else { return }
        if json != nil || record.job == nil, flow.isWritable, unsentStates.isEmpty {
            return send(record, json: json, watch: watch.value)
        }
        if unsentStates.isEmpty { context.eventLoop.execute { [self] in sendStates() } }
        guard let lagged = unsentStates.put(record, watch: watch) else { return }
        send(Frame.lagged(watch: lagged))
        // Not now: the daemon is telling others of the same change.
        context.eventLoop.execute { [self] in
            unsentStates.remove(lagged)
            daemon.assumeIsolated { $0.unwatch(lagged, of: self) }
        }
    }
}
