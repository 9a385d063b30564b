import JSON
import JobModel
import JobWire
import Logging
import NIOCore

/// The one connection to the daemon: made again for ever, and what can wait for it waits.
///
/// Lives on the event loop; every method is called there.
final class DaemonLink {
    /// What becomes of a call whose connection was lost, so that nobody knows whether the daemon did it.
    enum Resending {
        /// It fails as `unavailable`.
        case never
        /// It is safe to do twice.
        case same
    }

    private static let shortestPause = TimeAmount.milliseconds(50)
    private static let longestPause = TimeAmount.milliseconds(500)
    private static let checkInterval = TimeAmount.seconds(1)

    let loop: any EventLoop
    private let path: String
    private let wait: TimeAmount
    private let logger: Logger
    private var client: ControlClient?
    private var isStopped = false
    private var waiting = HeldCalls()

    /// Called when the daemon answers on a new connection, before any call that waited is sent.
    var onConnect: () -> Void = {}
    /// Called with a notification and its `params`.
    var onNotification: (Notification, ByteBuffer) -> Void = { _, _ in }

    /// Makes a link to the control socket at `path`; a call waits for the daemon to come back for at most `wait`.
    init(path: String, wait: Duration, on loop: any EventLoop, logger: Logger) {
        self.loop = loop
        self.path = path
        self.wait = TimeAmount(wait)
        self.logger = logger
    }

    /// Connections on which the daemon has answered, the present one included.
    private(set) var connectionCount = 0

    /// Since when the daemon has not answered; nil while it does.
    private(set) var awaySince: NIODeadline? = .now()

    /// Whether the daemon answered on the present connection.
    var isConnected: Bool { client != nil }

    func start() { connect(pause: Self.shortestPause) }

    /// Closes the connection for good; what waits fails.
    func stop() {
        isStopped = true
        client?.close()
        // Nobody asks it for signs of life any more: the loop may be gone when the next one is due.
        client = nil
        for number in waiting.numbers { giveUp(number) }
    }

    /// Asks the daemon.
    ///
    /// - Parameters:
    ///   - method: What to do.
    ///   - params: The text of the parameter object.
    ///   - caller: Who asks.
    ///   - deadline: Until when he may wait; nil: as long as anybody.
    ///   - resending: What becomes of it when the connection is lost.
    /// - Returns: The result's bytes; fails with a ``Refusal``, `unavailable` when the daemon is away.
    func call(
        _ method: Method, _ params: [UInt8], by caller: Caller, until deadline: NIODeadline? = nil,
        resending: Resending = .same
    ) -> EventLoopFuture<ByteBuffer> {
        loop.preconditionInEventLoop()
        let promise = loop.makePromise(of: ByteBuffer.self)
        let call = PendingCall(
            method: method, params: params, caller: caller, resending: resending, promise: promise,
            deadline: deadline ?? .now() + wait)
        if let client { send(call, to: client) } else { hold(call) }
        return promise.futureResult
    }

    /// The same for a request, with what is usual for the method, unless it is said.
    func call(
        _ method: Method, _ params: JSONObject, for context: Context, resending: Resending? = nil
    ) -> EventLoopFuture<ByteBuffer> {
        let json = JSONValue.object(params)
        return call(
            method, json.bytes, by: context.caller, until: context.deadline,
            resending: resending ?? method.resending(json))
    }

    /// The same for what the front itself wants, which may do everything.
    func callAsFront(
        _ method: Method, _ params: JSONObject = JSONObject(), resending: Resending = .same
    ) -> EventLoopFuture<ByteBuffer> {
        call(method, JSONValue.object(params).bytes, by: Self.front, resending: resending)
    }

    // MARK: Calls

    private func send(_ call: PendingCall, to client: ControlClient) {
        client.call(call.method, params: call.params, caller: call.caller) { [self] result in
            switch result {
            case .success(let body): call.promise.succeed(body)
            case .failure(is ControlClient.ConnectionLost): resend(call)
            case .failure(let error):
                if call.isRepeated, let refusal = error as? Refusal, let body = call.method.answer(insteadOf: refusal) {
                    return call.promise.succeed(body)
                }
                call.promise.fail(error)
            }
        }
    }

    private func resend(_ call: PendingCall) {
        var call = call
        call.isRepeated = true
        switch call.resending {
        case .never: return call.promise.fail(Self.lost)
        case .same: break
        }
        hold(call)
    }

    /// Keeps a call until the daemon is back, or until it has waited long enough.
    private func hold(_ call: PendingCall) {
        guard !isStopped, waiting.hasRoom(for: call) else { return call.promise.fail(Self.away) }
        let number = waiting.nextNumber
        let timeout = loop.assumeIsolated().scheduleTask(deadline: call.deadline) { [self] in giveUp(number) }
        waiting.add((call, timeout))
    }

    private func giveUp(_ number: Int) {
        guard let held = waiting.remove(number) else { return }
        held.timeout.cancel()
        held.call.promise.fail(Self.away)
    }

    /// What is asked to see whether the daemon answers: who one is, which it says without looking at anything.
    private static let signOfLife = Method.getSession

    /// Who asks for what the front itself wants.
    private static let front = Caller(role: .operator)

    private static let away = Refusal(.unavailable, "The daemon is not there; try again in a moment.")
    private static let lost = Refusal(
        .unavailable, "The connection to the daemon broke; whether it did this is unknown. Look before trying again.")

    // MARK: The connection

    private func connect(pause: TimeAmount) {
        guard !isStopped else { return }
        let bound = NIOLoopBound(self, eventLoop: loop)
        ControlClient.connect(to: path, on: loop) { bound.value.onNotification($0, $1) }
            .assumeIsolated().whenComplete { [self] result in
                switch result {
                case .success(let client): greet(client, pause: pause)
                case .failure: reconnect(after: pause)
                }
            }
    }

    /// Counts the connection as one only when the daemon answers: systemd keeps its socket open while it restarts.
    private func greet(_ client: ControlClient, pause: TimeAmount) {
        client.closeFuture.assumeIsolated().whenComplete { [self] _ in
            guard self.client === client else { return reconnect(after: pause) }
            logger.info("the daemon is away")
            self.client = nil
            awaySince = .now()
            reconnect(after: Self.shortestPause)
        }
        client.call(Self.signOfLife, caller: Self.front).assumeIsolated().whenComplete { [self] result in
            guard case .success = result, !isStopped else { return client.close() }
            logger.info("connected to the daemon")
            self.client = client
            awaySince = nil
            connectionCount += 1
            check(client)
            onConnect()
            for (call, timeout) in waiting.removeAll() {
                timeout.cancel()
                send(call, to: client)
            }
        }
    }

    /// Asks again and again for a sign of life: a daemon that hangs is as much away as one that has ended.
    private func check(_ client: ControlClient) {
        let timeout = loop.assumeIsolated().scheduleTask(in: patience) { [logger] in
            logger.warning("the daemon does not answer; its connection is given up")
            client.close()
        }
        client.call(Self.signOfLife, caller: Self.front).assumeIsolated().whenComplete { [self] _ in
            timeout.cancel()
            guard self.client === client else { return }
            loop.assumeIsolated().scheduleTask(in: Self.checkInterval) { [self] in
                if self.client === client { check(client) }
            }
        }
    }

    /// How long a sign of life may take: the daemon's loop never waits, so half of what a request waits is much.
    private var patience: TimeAmount { max(.seconds(1), .nanoseconds(wait.nanoseconds / 2)) }

    private func reconnect(after pause: TimeAmount) {
        guard !isStopped else { return }
        let next = min(pause * 2, Self.longestPause)
        loop.assumeIsolated().scheduleTask(in: pause) { [self] in connect(pause: next) }
    }
}
