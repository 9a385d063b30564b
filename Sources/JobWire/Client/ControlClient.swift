package import JSON
package import JobModel
package import NIOCore
import NIOPosix

/// One connection to the daemon, which carries many requests at once.
///
/// Lives on one event loop, on which every future completes; a method may be called from any thread unless it says otherwise.
package final class ControlClient: Sendable {
    /// The connection ended before the reply came: the daemon may or may not have done what was asked.
    package struct ConnectionLost: Error {}

    /// Called on the event loop with a notification and its `params`.
    package typealias NotificationHandler = @Sendable (Notification, ByteBuffer) -> Void

    private let channel: any Channel
    private let handler: NIOLoopBound<ReplyHandler>

    private init(channel: any Channel, handler: NIOLoopBound<ReplyHandler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Connects to the socket at a path of at most 107 bytes.
    ///
    /// - Returns: Fails with an `IOError` when nobody listens there.
    package static func connect(
        to path: String, on loop: any EventLoop, onNotification: @escaping NotificationHandler = { _, _ in }
    ) -> EventLoopFuture<ControlClient> {
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ReplyHandler(onNotification: onNotification)
                    try channel.pipeline.syncOperations.addHandlers([
                        LineFraming(limit: ReplyHandler.lineLimit), handler,
                    ])
                }
            }
            .connect(unixDomainSocketPath: path)
            .flatMapThrowing { channel in
                let handler = try channel.pipeline.syncOperations.handler(type: ReplyHandler.self)
                return ControlClient(channel: channel, handler: NIOLoopBound(handler, eventLoop: channel.eventLoop))
            }
    }

    /// That of the connection, on which everything of it is called.
    package var eventLoop: any EventLoop { channel.eventLoop }

    /// Succeeds when the connection has ended, for whatever reason.
    package var closeFuture: EventLoopFuture<Void> { channel.closeFuture }

    /// Sends one request, with the text of its parameter object, and who asks if that is somebody else.
    ///
    /// - Returns: The bytes of the reply's `result`; fails with a ``Refusal``, or with ``ConnectionLost``.
    package func call(
        _ method: Method, params: [UInt8] = Array("{}".utf8), caller: Caller? = nil
    ) -> EventLoopFuture<ByteBuffer> {
        let promise = eventLoop.makePromise(of: ByteBuffer.self)
        let send: @Sendable () -> Void = { [handler] in
            handler.value.send(method, params: params, caller: caller) { promise.completeWith($0) }
        }
        if eventLoop.inEventLoop { send() } else { eventLoop.execute(send) }
        return promise.futureResult
    }

    /// The same on the connection's loop alone, and without a future, which costs as much as writing the request.
    ///
    /// `done` is called once, on the loop: with the result's bytes, a ``Refusal``, or ``ConnectionLost``.
    package func call(
        _ method: Method, params: [UInt8], caller: Caller,
        whenDone done: @escaping (Result<ByteBuffer, any Error>) -> Void
    ) {
        handler.value.send(method, params: params, caller: caller, whenDone: done)
    }

    /// Asks the daemon, from any thread.
    ///
    /// - Returns: The result's bytes; fails with a ``Refusal``, or with ``ConnectionLost``.
    package func call(_ method: Method, _ params: JSONObject) -> EventLoopFuture<ByteBuffer> {
        call(method, params: JSONValue.object(params).bytes)
    }

    /// Closes the connection; what waits for an answer fails with ``ConnectionLost``.
    package func close() { channel.close(promise: nil) }
}
