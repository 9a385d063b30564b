import Glibc
package import JobModel
import JobWire
import NIOCore
import NIOPosix

/// The control socket and its connections.
package struct ControlListener: Sendable {
    private let channel: any Channel
    private let connections: NIOLoopBound<Connections>

    /// Accepts connections for a daemon, on the daemon's loop, of whom all may do what the door allows.
    ///
    /// The descriptor is a listening Unix stream socket, from ``ControlSocket`` or from systemd; the listener owns it.
    /// A connection ends when the other end takes nothing of what waits for it during `patience`.
    package static func listen(
        _ descriptor: CInt, as door: Door, for daemon: Daemon, patience: Duration = .seconds(30)
    ) async throws -> ControlListener {
        let connections = NIOLoopBound.make(Connections(), on: daemon.loop)
        let bound = try await connections.get()
        let flushes = Flushes(loop: daemon.loop)
        let channel = try await ServerBootstrap(group: daemon.loop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        LineFraming(limit: LineFraming.requestLimit),
                        ControlConnection(
                            daemon: daemon, door: door, flushes: flushes, patience: TimeAmount(patience)),
                    ])
                    bound.value.add(channel)
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: ControlConnection.waterMark)
            .withBoundSocket(descriptor)
            .get()
        // NIO has listened once more, with a backlog of its own, which is smaller.
        _ = Glibc.listen(descriptor, ControlSocket.backlog)
        return ControlListener(channel: channel, connections: bound)
    }

    /// Accepts no more connections; those that are open stay.
    package func close() async {
        try? await channel.close()
    }

    /// Ends the open connections.
    package func closeConnections() async {
        try? await channel.eventLoop.submit { connections.value.closeAll() }.get()
    }
}

/// The open connections, on the daemon's loop.
private final class Connections {
    private var channels: [ObjectIdentifier: any Channel] = [:]

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        channels[id] = channel
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.closeFuture.whenComplete { _ in bound.value.channels[id] = nil }
    }

    func closeAll() {
        for channel in channels.values { channel.close(promise: nil) }
    }
}

extension NIOLoopBound {
    /// Makes a value that lives on a loop, from any thread.
    fileprivate static func make(
        _ value: @autoclosure @escaping @Sendable () -> Value, on loop: any EventLoop
    ) -> EventLoopFuture<NIOLoopBound<Value>> {
        loop.submit { NIOLoopBound(value(), eventLoop: loop) }
    }
}
