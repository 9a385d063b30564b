import Glibc
package import JobFront
package import Logging
import NIOCore
import NIOPosix

/// One front process: HTTP on one side, the daemon's socket on the other, and nothing in between that could be lost.
///
/// A thread accepts requests and reads them with libfcgi; from then on everything happens on one event loop.
package final class FastCGIFront: Sendable {
    private let configuration: FrontConfiguration
    private let listeningDescriptor: CInt
    private let furtherTransports: [any FrontTransport]
    private let logger: Logger
    private let stops: AsyncStream<Never>
    private let stopping: AsyncStream<Never>.Continuation

    /// Makes a front that does nothing yet.
    ///
    /// - Parameters:
    ///   - configuration: What it needs to know.
    ///   - listeningDescriptor: A listening stream socket, which other fronts may share; the front owns it.
    ///   - furtherTransports: Further ways to it.
    ///   - logger: Where it tells what it does.
    package init(
        configuration: FrontConfiguration, listeningDescriptor: CInt, furtherTransports: [any FrontTransport] = [],
        logger: Logger
    ) {
        self.configuration = configuration
        self.furtherTransports = furtherTransports
        self.listeningDescriptor = listeningDescriptor
        self.logger = logger
        (stops, stopping) = AsyncStream.makeStream()
    }

    /// Ends ``run()``; may be called from any thread, also twice or before it.
    package func stop() { stopping.finish() }

    /// Answers requests until ``stop()``; then lets the ones at hand end, for a bounded time, and tells the readers of
    /// streams to come back.
    ///
    /// - Throws: When the descriptor cannot be listened on, or threads cannot be made.
    package func run() async throws {
        defer { close(listeningDescriptor) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            try await serve(on: group.next())
        } catch {
            try await group.shutdownGracefully()
            throw error
        }
        try await group.shutdownGracefully()
        logger.info("the front has stopped")
    }

    private func serve(on loop: any EventLoop) async throws {
        let listener = try FastCGIListener(
            descriptor: listeningDescriptor, receiveTimeout: configuration.requests.receiveTimeout,
            believesPeers: configuration.access.trustsPeer || HandedSocket.isLocal(listeningDescriptor), logger: logger)
        let front = try await Front.make(configuration, on: loop, logger: logger)
        for transport in furtherTransports { try await transport.open(for: front, on: loop) }
        let ended = try listener.start(on: loop, handle: front.receive)
        logger.info("the front accepts requests")
        for await _ in stops {}
        listener.stop()
        for transport in furtherTransports { await transport.close() }
        try await ended.get()
        try await front.stop().get()
    }
}
