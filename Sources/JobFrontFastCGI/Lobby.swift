import Glibc
import JobSystem
import NIOCore

/// The connections whose request has begun to come; on the listener's thread.
struct Lobby {
    /// More than the largest head: web servers send its parameters in one record of at most 65,535 bytes.
    private static let peekBytes = 128 * 1024

    private let events: EventQueue
    private let patience: Duration
    private let bytes = PeekBuffer(byteCount: Lobby.peekBytes)
    /// Those that came since the last sweep, and those that were there already.
    private var waiting: Set<CInt> = []
    private var overdue: Set<CInt> = []
    private var nextSweep = ContinuousClock.now

    /// A connection is given up when it is incomplete after `patience`, at twice that time at the latest.
    init(events: EventQueue, patience: Duration) {
        self.events = events
        self.patience = patience
    }

    /// How long the listener may sleep; nil when nobody waits.
    var timeout: Duration? { waiting.isEmpty && overdue.isEmpty ? nil : patience }

    /// What has come of a request; nothing is taken from the connection.
    func look(at connection: CInt) -> FastCGIArrival {
        let count = recv(connection, bytes.start, Self.peekBytes, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT))
        guard count > 0 else { return count < 0 && errno == EAGAIN ? .begun : .foreign }
        let arrival = FastCGIArrival(of: UnsafeRawBufferPointer(start: bytes.start, count: count))
        return arrival == .begun && count == Self.peekBytes ? .foreign : arrival
    }

    /// Takes a record that is not a request's off a connection, and answers it; false when the connection is of no use.
    func answer(_ record: ManagementRecord, byteCount: Int, on connection: CInt) -> Bool {
        guard recv(connection, bytes.start, byteCount, CInt(MSG_DONTWAIT)) == byteCount else { return false }
        let reply = record.reply
        return reply.withUnsafeReadableBytes { bytes in
            send(connection, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)) == bytes.count
        }
    }

    /// Waits for more of a request.
    mutating func keep(_ connection: CInt) {
        guard !waiting.contains(connection), !overdue.contains(connection) else { return }
        if timeout == nil { nextSweep = .now + patience }
        waiting.insert(connection)
        events.add(connection)
    }

    /// Forgets a connection that is read or closed now.
    mutating func release(_ connection: CInt) {
        guard waiting.remove(connection) != nil || overdue.remove(connection) != nil else { return }
        events.remove(connection)
    }

    /// Gives up the connections that have waited too long.
    mutating func sweep() {
        guard timeout != nil, nextSweep <= .now else { return }
        nextSweep = .now + patience
        for connection in overdue { close(connection) }
        overdue = waiting
        waiting = []
    }

    mutating func closeAll() {
        for connection in waiting.union(overdue) { close(connection) }
        (waiting, overdue) = ([], [])
    }
}

/// Memory that lives as long as it is referred to.
private final class PeekBuffer {
    let start: UnsafeMutableRawPointer

    init(byteCount: Int) { start = .allocate(byteCount: byteCount, alignment: 16) }

    deinit { start.deallocate() }
}
