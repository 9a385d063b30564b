import Glibc
import Synchronization

/// Connections whose request was answered, and which the web server keeps for its next one; from any thread.
///
/// A kept connection costs a descriptor. It is the web server that ends it, after a while without requests: whoever closed it
/// here could meet a request on its way.
final class KeptConnections: Sendable {
    private struct State {
        var idle: Set<CInt> = []
        var isClosing = false
    }

    private let events: EventQueue
    private let state = Mutex(State())

    init(events: EventQueue) {
        self.events = events
    }

    var isEmpty: Bool { state.withLock(\.idle.isEmpty) }

    /// Takes a connection on which nothing is open; false when it must be closed instead.
    func keep(_ connection: CInt) -> Bool {
        let isKept = state.withLock { state in
            if !state.isClosing { state.idle.insert(connection) }
            return !state.isClosing
        }
        if isKept { events.addOnce(connection) }
        return isKept
    }

    /// Gives a connection back on which something has come.
    func take(_ connection: CInt) { state.withLock { _ = $0.idle.remove(connection) } }

    /// Keeps no more from now on; those that are here may still bring a request, or end.
    func stopKeeping() { state.withLock { $0.isClosing = true } }

    /// Closes those that are left.
    func closeAll() {
        let left = state.withLock { state in
            defer { state.idle = [] }
            return state.idle
        }
        for connection in left { close(connection) }
    }
}
