package import JSON
package import JobAccess
package import JobDaemon
package import JobModel
package import JobStorage
import JobTesting
package import JobWire
import Logging
import NIOCore
import NIOPosix

/// A daemon on a control socket of its own, with a client that is connected to it.
package struct DaemonHarness: Sendable {
    package let daemon: Daemon
    package let client: ControlClient
    /// The administrator's.
    package let socketPath: String
    package let sockets: [Door: String]
    package let store: any JobStore
    package let clock: ManualClock
    package let runner: RecordingRunner
    package let disk: MemoryDisk

    package static let rules = Rules(
        widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init(), "thrice": .init(maxAttempts: 3)],
        // Samples are from 1970.
        retention: .init(ended: .seconds(100 * 366 * 86_400), pending: .seconds(100 * 366 * 86_400)))

    /// Sends one request and reads its result.
    @discardableResult
    package func call(_ method: Method, _ params: JSONObject = [:]) async throws -> JSONValue {
        try JSONValue.parse(try await client.call(method, params).outcome().readableBytesView)
    }

    /// Sends one request through a door, for somebody or for the other end itself, and reads its result.
    @discardableResult
    package func call(
        _ method: Method, _ params: JSONObject = [:], through door: Door, as caller: Caller? = nil
    ) async throws -> JSONValue {
        let client = try await ControlClient.connect(
            to: sockets[door] ?? "", on: MultiThreadedEventLoopGroup.singleton.next()
        ).outcome()
        defer { client.close() }
        let reply = try await client.call(method, params: JSONValue.object(params).bytes, caller: caller).outcome()
        return try JSONValue.parse(reply.readableBytesView)
    }

    /// What that is refused with, nil when it is not.
    package func refusal(
        _ method: Method, _ params: JSONObject = [:], through door: Door, as caller: Caller? = nil
    ) async throws -> Refusal? {
        do {
            try await call(method, params, through: door, as: caller)
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    /// The refusal of a request that is to be refused, nil when it is not.
    package func refusal(_ method: Method, _ params: JSONObject = [:]) async throws -> Refusal? {
        do {
            try await call(method, params)
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    /// Says what the daemon's own parts say, and returns when it is decided: what comes over a socket may overtake it.
    package func propose(_ command: Command) async {
        daemon.propose(command)
        try? await daemon.loop.submit {}.outcome()
    }

    /// Has the runner find out whether rooms can be made, and returns when the daemon knows.
    package func set(sandbox state: SandboxState) async {
        runner.sandboxState = state
        daemon.sandboxChanged()
        try? await daemon.loop.submit {}.outcome()
    }
}

/// Runs a body with a daemon that has started, and stops the daemon afterwards.
package func withDaemon(
    store: any JobStore = MemoryJobStore(), clock: ManualClock = ManualClock(), rules: Rules = DaemonHarness.rules,
    policy: AccessPolicy = AccessPolicy(),
    onDamage: @escaping DaemonHandlers.Damage = { _ in }, onEnd: @escaping DaemonHandlers.End = { _ in },
    isolation: isolated (any Actor)? = #isolation, _ body: (DaemonHarness) async throws -> Void
) async throws {
    let directory = TemporaryDirectory()
    let loop = MultiThreadedEventLoopGroup.singleton.next()
    let runner = RecordingRunner()
    let disk = MemoryDisk(loop: loop)
    let daemon = Daemon(
        loop: loop, store: store, runner: runner, disk: disk, rules: rules, policy: policy, clock: clock,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        handlers: DaemonHandlers(damage: onDamage, end: onEnd))
    runner.connect { daemon.propose($0) }
    try await daemon.start()
    var listeners: [ControlListener] = []
    var sockets: [Door: String] = [:]
    for door in Door.allCases {
        let path = directory.appending(door.rawValue)
        // Long, so that a test which reads late on a busy machine keeps its connection.
        listeners.append(
            try await ControlListener.listen(
                try ControlSocket.listen(at: path), as: door, for: daemon, patience: .seconds(600)))
        sockets[door] = path
    }
    let socketPath = directory.appending(Door.admin.rawValue)
    let client = try await ControlClient.connect(
        to: socketPath, on: MultiThreadedEventLoopGroup.singleton.next()
    ).outcome()
    let outcome: Result<Void, any Error>
    do {
        outcome = .success(
            try await body(
                DaemonHarness(
                    daemon: daemon, client: client, socketPath: socketPath, sockets: sockets, store: store,
                    clock: clock,
                    runner: runner,
                    disk: disk)))
    } catch {
        outcome = .failure(error)
    }
    for listener in listeners { await listener.close() }
    await daemon.stop()
    for listener in listeners { await listener.closeConnections() }
    try await client.closeFuture.outcome()
    try outcome.get()
}
