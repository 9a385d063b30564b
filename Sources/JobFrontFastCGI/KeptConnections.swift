import Glibc
import JobSystem
import Synchronization

/// Connections whose request was answered, and which the web server keeps for its next one; from any thread.
///
/// A kept connection costs a descriptor. It is the web server that ends it, after a while without requests: whoever closed it
/// here could meet a request on its way.
final class KeptConnections: Sendable {
    private struct State {
        var idle: Set<CInt> = []
        /// Those with a request that is being answered.
        var busy: Set<CInt> = []
        var isClosing = false
    }

    private let events: EventQueue
    private let state = Mutex(State())

    init(events: EventQueue) {
        self.events = events
    }

    var isEmpty: Bool { state.withLock { $0.idle.isEmpty && $0.busy.isEmpty } }

    /// A request came on a connection that is to be kept behind it.
    func lend(_ connection: CInt) { state.withLock { _ = $0.busy.insert(connection) } }

    /// Whether a connection stays open after its request; the last record of the response says so to the web server.
    func willKeep(_ connection: FastCGIConnection) -> Bool { connection.isKept && state.withLock { !$0.isClosing } }

    /// Takes a connection whose request was answered; false when it must be closed instead.
    func keep(_ connection: CInt) -> Bool {
        let isKept = state.withLock { state in
            state.busy.remove(connection)
            if !state.isClosing { state.idle.insert(connection) }
            return !state.isClosing
        }
        if isKept { events.addOnce(connection) }
        return isKept
    }

    /// A connection will not come back, or not under this number.
    func forget(_ connection: CInt) { state.withLock { _ = $0.busy.remove(connection) } }

    /// Gives a connection back on which something has come.
    func take(_ connection: CInt) { state.withLock { _ = $0.idle.remove(connection) } }

    /// Keeps no more from now on, and closes those on which nothing is open.
    func close() {
        let left = state.withLock { state in
            state.isClosing = true
            defer { state.idle = [] }
            return state.idle
        }
        for connection in left { Glibc.close(connection) }
    }
}
