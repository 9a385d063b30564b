import CJobSystem
import Glibc

/// An epoll set around one listening socket, on which one thread waits; connections are added from any thread.
package final class EventQueue: Sendable {
    /// The most descriptors that one wait tells of.
    private static let batch = 64

    private let descriptor: CInt

    /// Makes a set in which a new connection wakes one of the processes that listen, seldom more, and `wake` wakes this one.
    ///
    /// Both stay the caller's.
    ///
    /// - Throws: ``SystemError``, when no descriptor is left, or the set takes no further one.
    package init(listening: CInt, wake: CInt) throws(SystemError) {
        descriptor = try SystemError.check("epoll_create1", event_set())
        try SystemError.check("epoll_ctl", event_add(descriptor, listening, EVENT_TO_ONE))
        try SystemError.check("epoll_ctl", event_add(descriptor, wake, EVENT_WHILE_READABLE))
    }

    deinit { close(descriptor) }

    /// Tells once that something has come on a connection; nothing more until it is added again.
    package func addOnce(_ connection: CInt) { event_add(descriptor, connection, EVENT_ONCE) }

    /// Tells of each further piece that comes on a connection.
    package func add(_ connection: CInt) { event_add(descriptor, connection, EVENT_EACH) }

    /// Tells nothing more of a descriptor, which stays open.
    package func remove(_ connection: CInt) { event_remove(descriptor, connection) }

    /// Waits until something has come, and returns for which descriptors, at most 64.
    ///
    /// Without a time it waits for ever. Returns none when the time has run out, or when a signal has interrupted it.
    package func wait(atMost timeout: Duration?) -> [CInt] {
        let milliseconds = timeout.map { max(1, CInt(clamping: Int64($0 / .milliseconds(1)))) } ?? -1
        return [CInt](unsafeUninitializedCapacity: Self.batch) { ready, count in
            count = Int(max(0, event_wait(descriptor, ready.baseAddress, CInt(Self.batch), milliseconds)))
        }
    }
}
