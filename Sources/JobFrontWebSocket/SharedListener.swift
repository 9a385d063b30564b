import Glibc
import JobSystem
import Synchronization

/// Accepts connections on a listening socket that other processes may share, with a thread that does nothing else.
///
/// NIO takes for granted that a connection is there when it is told of one; here another front may have taken it.
final class SharedListener: Sendable {
    /// Connections accepted in a row before other fronts get their turn.
    private static let acceptedInARow = 16
    /// How long no connection is accepted when there is no descriptor for it, in milliseconds.
    private static let pause: CInt = 100

    private let descriptor: CInt
    /// A pipe, by which the thread is woken for its end.
    private let wake: (read: CInt, write: CInt)
    private let isStopping = Atomic(false)
    private let ends: AsyncStream<Never>
    private let ending: AsyncStream<Never>.Continuation

    /// Owns the descriptor from now on, which becomes non-blocking.
    init(descriptor: CInt) throws(SystemError) {
        self.descriptor = descriptor
        wake = try Descriptors.pipe()
        (ends, ending) = AsyncStream.makeStream()
        _ = try SystemError.check("fcntl", fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK))
    }

    deinit {
        close(descriptor)
        close(wake.read)
        close(wake.write)
    }

    /// Starts the thread, which hands each connection over; it is then its taker's.
    func start(_ take: @escaping @Sendable (CInt) -> Void) throws(SystemError) {
        try startThread(named: "websocket") { [self] in
            while !isStopping.load(ordering: .acquiring) {
                accept(take)
                var events = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0), wakening]
                poll(&events, 2, -1)
            }
            ending.finish()
        }
    }

    /// Ends the thread, and returns when it has ended; what nobody accepted is for other fronts.
    func stop() async {
        isStopping.store(true, ordering: .releasing)
        _ = Glibc.write(wake.write, [1], 1)
        for await _ in ends {}
    }

    private var wakening: pollfd { pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0) }

    private func accept(_ take: (CInt) -> Void) {
        for _ in 0..<Self.acceptedInARow {
            do throws(SystemError) {
                take(try Descriptors.accept(from: descriptor))
            } catch {
                guard ![EAGAIN, EINTR, ECONNABORTED].contains(error.errno) else { return }
                // Mostly EMFILE: the connection stays in the queue until a descriptor is free.
                var wake = wakening
                poll(&wake, 1, Self.pause)
                return
            }
        }
    }
}
