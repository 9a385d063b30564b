import Glibc
import JobFront
import JobSystem
import Logging
import NIOCore

/// Accepts FastCGI connections with one thread, which waits for none of them.
///
/// It looks at what has come without taking it, and has libfcgi, which blocks, read a request only when its head is there.
/// So a peer that sends half a head costs a descriptor for a while, and holds nobody up, and so does a web server that keeps
/// its connections. One thread is enough, and more would only wake each other: what takes time happens elsewhere.
final class FastCGIListener: Sendable {
    private let descriptor: CInt
    private let receiveTimeout: Duration
    private let believesPeers: Bool
    private let logger: Logger
    private let stopping: Cancellation
    private let events: EventQueue
    private let kept: KeptConnections

    /// Takes a listening stream socket, which other processes may share; it stays the caller's.
    ///
    /// - Parameters:
    ///   - descriptor: The listening socket, which becomes non-blocking.
    ///   - receiveTimeout: How long a head, and each further piece of a body, may take to come.
    ///   - believesPeers: Whether what a web server says of the caller counts.
    ///   - logger: Where it tells why connections cannot be accepted.
    /// - Throws: ``SystemError``.
    init(
        descriptor: CInt, receiveTimeout: Duration, believesPeers: Bool, logger: Logger
    ) throws(SystemError) {
        FastCGILibrary.initialize()
        self.descriptor = descriptor
        self.receiveTimeout = receiveTimeout
        self.believesPeers = believesPeers
        self.logger = logger
        stopping = try Cancellation()
        events = try EventQueue(listening: descriptor, wake: stopping.descriptor)
        kept = KeptConnections(events: events)
        // Several processes may wake for one connection; those that come late must not wait in accept.
        _ = try SystemError.check(
            "fcntl", fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK))
    }

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - loop: Where the end is told.
    ///   - handle: Called on the thread with each request, its body not yet read.
    /// - Returns: Succeeds when the thread has ended after ``stop()``.
    /// - Throws: ``SystemError`` when there can be no thread.
    func start(
        on loop: any EventLoop, handle: @escaping @Sendable (any IncomingRequest) -> Void
    ) throws(SystemError) -> EventLoopFuture<Void> {
        let end = loop.makePromise(of: Void.self)
        do throws(SystemError) {
            let writer = ResponseWriter(loop: loop, kept: kept)
            let handler = Handler(writer: writer, believesPeers: believesPeers, handle: handle)
            try startThread(named: "fastcgi") { [self] in
                receive(handler)
                end.succeed()
            }
        } catch {
            end.succeed()
            throw error
        }
        return end.futureResult
    }

    /// Ends the thread, when it has read the request at hand and the kept connections have ended; may be called twice.
    func stop() { stopping.cancel() }

    // MARK: On the thread

    /// Where a request goes, and how its answer comes back.
    private struct Handler: Sendable {
        let writer: ResponseWriter
        let believesPeers: Bool
        let handle: @Sendable (any IncomingRequest) -> Void
    }

    /// How long kept connections may go on after a stop: longer than the web server keeps one.
    private static let farewell = Duration.seconds(4)
    /// Between two looks at the listening socket of which nobody told: a process that has ended may have been told instead.
    private static let interval = Duration.seconds(1)

    private func receive(_ handler: Handler) {
        var lobby = Lobby(events: events, patience: receiveTimeout)
        var nextAccept = ContinuousClock.now
        var isStopping = false
        while !isStopping {
            for ready in events.wait(atMost: min(lobby.timeout ?? Self.interval, Self.interval)) {
                if ready == descriptor {
                    nextAccept = .now
                } else if ready == stopping.descriptor {
                    isStopping = true
                } else {
                    kept.take(ready)
                    look(at: ready, in: &lobby, handler)
                }
            }
            if case let now = ContinuousClock.now, nextAccept <= now {
                nextAccept = now + Self.interval
                accept(into: &lobby, handler)
            }
            lobby.sweep()
        }
        events.remove(descriptor)
        events.remove(stopping.descriptor)
        // Of these, nobody else was told.
        accept(into: &lobby, handler)
        let end = ContinuousClock.now + Self.farewell
        while !kept.isEmpty || lobby.timeout != nil, case let rest = end - .now, rest > .zero {
            for ready in events.wait(atMost: min(rest, .milliseconds(50))) {
                kept.take(ready)
                look(at: ready, in: &lobby, handler)
            }
        }
        kept.close()
        lobby.closeAll()
    }

    /// Questions of a web server in a row; one that asks more does not mean it.
    private static let maximumQuestions = 16

    /// Connections accepted in a row before others, which have been waiting, are looked at again.
    private static let acceptedInARow = 16

    private func accept(into lobby: inout Lobby, _ handler: Handler) {
        for _ in 0..<Self.acceptedInARow {
            do throws(SystemError) {
                look(at: try Descriptors.accept(from: descriptor), in: &lobby, handler)
            } catch {
                guard ![EAGAIN, EINTR, ECONNABORTED].contains(error.errno) else { return }
                // Mostly EMFILE: the connection stays in the queue until a descriptor is free.
                logger.warning("connections cannot be accepted", metadata: ["errno": "\(error.errno)"])
                _ = Polling.wait(stopping.descriptor, for: .milliseconds(100))
                return
            }
        }
    }

    private func look(at connection: CInt, in lobby: inout Lobby, _ handler: Handler) {
        var arrival = lobby.look(at: connection)
        for _ in 0..<Self.maximumQuestions {
            guard case .management(let record, byteCount: let byteCount) = arrival else { break }
            let isAnswered = lobby.answer(record, byteCount: byteCount, on: connection)
            arrival = isAnswered ? lobby.look(at: connection) : .foreign
        }
        guard arrival != .begun else { return lobby.keep(connection) }
        lobby.release(connection)
        guard arrival == .head || arrival == .whole else {
            close(connection)
            return
        }
        let isWhole = arrival == .whole
        guard
            let request = FastCGIRequest(
                accepted: connection, isWhole: isWhole, believesPeer: handler.believesPeers,
                receiveTimeout: receiveTimeout, writer: handler.writer)
        else { return }
        if request.isKept { kept.lend(connection) }
        handler.handle(request)
    }
}
