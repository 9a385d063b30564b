package import JobFront
import JobTesting
package import Logging
package import NIOCore
import NIOPosix

/// What a front has around it in a test.
package struct FrontSurroundings: Sendable {
    private let root: TemporaryDirectory
    package let configuration: FrontConfiguration
    package let daemon: StubDaemon
    /// For the front alone: a daemon that is stuck does not stop it.
    package let loop: any EventLoop
    package let logger: Logger

    /// The path of a directory of its own, which goes with it.
    package var directory: String { root.path }

    fileprivate init(
        root: TemporaryDirectory, configuration: FrontConfiguration, daemon: StubDaemon, loop: any EventLoop
    ) {
        self.root = root
        self.configuration = configuration
        self.daemon = daemon
        self.loop = loop
        var logger = Logger(label: "front")
        logger.logLevel = .critical
        self.logger = logger
    }
}

/// Makes a directory and a stub of a daemon, which is started unless told otherwise, calls the body, and takes both away.
///
/// The body makes a front, and stops it before it returns.
package func withSurroundings(
    startsDaemon: Bool, script: @escaping StubDaemon.Script, configure: (inout FrontConfiguration) -> Void,
    _ body: (FrontSurroundings) async throws -> Void
) async throws {
    let root = TemporaryDirectory()
    var configuration = FrontConfiguration(
        controlSocket: root.appending("jobd"), storageDirectory: root.appending("data"),
        executable: BuiltPrograms.jobd)
    configuration.stopGrace = .seconds(1)
    // Long enough for a busy machine: only tests that set their own limits see one run out.
    configuration.daemonWait = .seconds(60)
    configuration.requests.receiveTimeout = .seconds(300)
    configuration.uploads.idleTimeout = .seconds(300)
    configuration.uploads.grace = .seconds(300)
    // Told only where it is asked for: how long a daemon that is stopped stays away depends on the machine.
    configuration.noticedAbsence = .seconds(600)
    configure(&configuration)
    let groups = (0..<2).map { _ in MultiThreadedEventLoopGroup(numberOfThreads: 1) }
    let daemon = StubDaemon(path: configuration.controlSocket, group: groups[0], script: script)
    if startsDaemon { try await daemon.start() }
    let surroundings = FrontSurroundings(
        root: root, configuration: configuration, daemon: daemon, loop: groups[1].next())
    try await call({ try await body(surroundings) }) {
        await daemon.stop()
        for group in groups { try await group.shutdownGracefully() }
    }
}

/// Calls the body, and then the end, whether the body failed or not.
package func call(_ body: () async throws -> Void, andThen end: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        try await end()
        throw error
    }
    try await end()
}
