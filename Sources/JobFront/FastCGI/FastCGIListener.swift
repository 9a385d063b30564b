import CFastCGI
import Glibc
import Logging
import NIOCore
import Synchronization

/// Accepts FastCGI connections with threads that read each request and hand it on.
final class FastCGIListener: Sendable {
    private let descriptor: CInt
    private let wakeDescriptor: CInt
    private let receiveTimeout: Duration
    private let logger: Logger
    private let isStopping = Atomic(false)
    private let handle: @Sendable (FastCGIRequest) -> Void

    /// Takes a listening Unix stream socket, which other processes may share; it stays the caller's.
    ///
    /// - Parameters:
    ///   - descriptor: The listening socket, which becomes non-blocking.
    ///   - receiveTimeout: How long a peer may be silent while its request is read.
    ///   - logger: Where it tells why connections cannot be accepted.
    ///   - handle: Called on an accepting thread with each request, its body not yet read.
    /// - Throws: ``SystemCallFailed``.
    init(
        descriptor: CInt, receiveTimeout: Duration, logger: Logger,
        handle: @escaping @Sendable (FastCGIRequest) -> Void
    ) throws(SystemCallFailed) {
        Self.initializeLibrary()
        self.descriptor = descriptor
        self.receiveTimeout = receiveTimeout
        self.logger = logger
        self.handle = handle
        wakeDescriptor = try SystemCallFailed.check("eventfd", eventfd(0, CInt(EFD_CLOEXEC)))
        // Several threads and processes may wake for one connection; those that come late must not wait in accept.
        _ = try SystemCallFailed.check(
            "fcntl", fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK))
    }

    deinit { close(wakeDescriptor) }

    /// libfcgi sets handlers for signals that are none of its business: those from before are put back, and SIGPIPE is
    /// ignored, because libfcgi answers management records with plain writes.
    private static func initializeLibrary() { _ = isLibraryInitialized }

    private static let isLibraryInitialized: Bool = {
        let signals = [SIGTERM, SIGUSR1]
        var actions = signals.map { _ in sigaction() }
        for (index, number) in signals.enumerated() { sigaction(number, nil, &actions[index]) }
        FCGX_Init()
        for (index, number) in signals.enumerated() { sigaction(number, &actions[index], nil) }
        signal(SIGPIPE, SIG_IGN)
        return true
    }()

    /// Starts the threads.
    ///
    /// - Returns: Succeeds when all of them have ended after ``stop()``.
    func start(threads: Int, on loop: any EventLoop) throws(SystemCallFailed) -> EventLoopFuture<Void> {
        var ends: [EventLoopFuture<Void>] = []
        for number in 1...max(1, threads) {
            let end = loop.makePromise(of: Void.self)
            ends.append(end.futureResult)
            do throws(SystemCallFailed) {
                try startThread(named: "fastcgi-\(number)") { [self] in
                    acceptUntilStopped()
                    end.succeed()
                }
            } catch {
                end.succeed()
                stop()
                throw error
            }
        }
        return .andAllComplete(ends, on: loop)
    }

    /// Ends the threads, each when it has read the request at hand; may be called twice.
    func stop() {
        isStopping.store(true, ordering: .releasing)
        eventfd_write(wakeDescriptor, 1)
    }

    private func acceptUntilStopped() {
        guard let events = try? makeEventQueue() else { return logger.critical("epoll is out of descriptors") }
        defer { close(events) }
        while !isStopping.load(ordering: .acquiring) {
            let connection = accept4(descriptor, nil, nil, CInt(SOCK_CLOEXEC.rawValue))
            if connection >= 0 {
                FastCGIRequest.setReceiveTimeout(receiveTimeout, of: connection)
                if let request = FastCGIRequest(accepted: connection) { handle(request) }
            } else {
                wait(after: errno, events)
            }
        }
    }

    private func wait(after error: CInt, _ events: CInt) {
        switch error {
        case EAGAIN:
            var event = epoll_event()
            epoll_wait(events, &event, 1, -1)
        case EINTR, ECONNABORTED: break
        default:
            // Mostly EMFILE: the connection stays in the queue until a descriptor is free.
            logger.warning("connections cannot be accepted", metadata: ["errno": "\(error)"])
            var wake = pollfd(fd: wakeDescriptor, events: Int16(POLLIN), revents: 0)
            poll(&wake, 1, 100)
        }
    }

    /// An epoll set in which a new connection wakes one thread of all, whatever process it is in.
    private func makeEventQueue() throws(SystemCallFailed) -> CInt {
        let events = try SystemCallFailed.check("epoll_create1", epoll_create1(CInt(EPOLL_CLOEXEC)))
        for (descriptor, flags) in [
            (descriptor, EPOLLIN.rawValue | EPOLLEXCLUSIVE.rawValue), (wakeDescriptor, EPOLLIN.rawValue),
        ] {
            var event = epoll_event(events: flags, data: epoll_data_t())
            epoll_ctl(events, EPOLL_CTL_ADD, descriptor, &event)
        }
        return events
    }
}
