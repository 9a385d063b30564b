import NIOCore

/// The connections that have something to send at the end of this turn of the loop.
///
/// One task for all of them: a commit answers many. `@unchecked Sendable`: used on that loop alone, which ``add(_:)`` checks.
final class Flushes: @unchecked Sendable {
    private let loop: any EventLoop
    private var connections: [ControlConnection] = []

    init(loop: any EventLoop) { self.loop = loop }

    /// Has a connection flush once everybody who is on the stack is done.
    func add(_ connection: ControlConnection) {
        loop.preconditionInEventLoop()
        connections.append(connection)
        guard connections.count == 1 else { return }
        loop.execute { [self] in
            let ready = connections
            connections = []
            for connection in ready { connection.flushNow() }
        }
    }
}
