import CFastCGI
import Glibc
import JobSystem

/// An epoll set around one listening socket, on which one thread waits; connections are added from any thread.
final class EventQueue: Sendable {
    /// The most descriptors that one wait tells of.
    private static let batch = 64

    private let descriptor: CInt

    /// Makes a set in which a new connection wakes one process of all that listen, and `wake` wakes this one.
    init(listening: CInt, wake: CInt) throws(SystemError) {
        descriptor = try SystemError.check("epoll_create1", epoll_create1(CInt(EPOLL_CLOEXEC)))
        control(EPOLL_CTL_ADD, listening, EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue)
        control(EPOLL_CTL_ADD, wake, EPOLLIN.rawValue)
    }

    deinit { close(descriptor) }

    /// Tells once that something has come on a connection; nothing more until it is added again.
    func addOnce(_ connection: CInt) { set(connection, EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLONESHOT.rawValue) }

    /// Tells of each further piece that comes on a connection.
    func add(_ connection: CInt) { set(connection, EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue) }

    func remove(_ connection: CInt) { control(EPOLL_CTL_DEL, connection, 0) }

    /// The descriptors for which something has come; none when the time has run out, which nil never does.
    func wait(atMost timeout: Duration?) -> [CInt] {
        let milliseconds = timeout.map { max(1, CInt(clamping: Int64($0 / .milliseconds(1)))) } ?? -1
        return withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.batch) { events in
            let count = epoll_wait(descriptor, events.baseAddress, CInt(Self.batch), milliseconds)
            return events.prefix(Int(max(0, count))).map(\.data.fd)
        }
    }

    /// A connection that comes back is in the set already.
    private func set(_ connection: CInt, _ events: UInt32) {
        if control(EPOLL_CTL_MOD, connection, events) != 0 { control(EPOLL_CTL_ADD, connection, events) }
    }

    @discardableResult
    private func control(_ operation: CInt, _ connection: CInt, _ events: UInt32) -> CInt {
        var event = epoll_event(events: events, data: epoll_data_t(fd: connection))
        return epoll_ctl(descriptor, operation, connection, &event)
    }
}
