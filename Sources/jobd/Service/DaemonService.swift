import Dispatch
import Glibc
import JobAccess
package import JobDaemon
import JobFiles
import JobFront
import JobModel
import JobProcessing
import JobStorage
import JobStorageSQLite
import JobSystem
import JobWire
import Logging
import NIOCore
import NIOPosix

/// `jobd serve`: puts the daemon together, in one order, and takes it apart in the reverse.
struct DaemonService: Sendable {
    let configuration: Configuration
    /// The file that a reload reads again.
    let file: String?

    /// Runs until SIGTERM or SIGINT, and returns the exit code.
    func run() async -> Int32 {
        let logger = ServiceLog.logger("jobd", configuration.live.logLevel)
        do {
            return try await serve(logger)
        } catch is CancellationError {
            return 0
        } catch {
            logger.critical("the daemon cannot run", metadata: ["reason": "\(error)"])
            // Starting again and again mends nothing of these.
            let isLasting = error is StorageOpening.WithoutStore || (error as? OpenError)?.isLasting == true
            return isLasting ? ExitCode.configuration : 1
        }
    }

    private func serve(_ logger: Logger) async throws -> Int32 {
        let handedOver = ServiceManager.takeListeningSockets()
        let signals = try CaughtSignals.stream(of: SIGTERM, SIGINT, SIGHUP)
        signal(SIGPIPE, SIG_IGN)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let patience = keepStarting(on: loop)

        // 1. Store and files.
        let (area, store, broughtBack) = try await StorageOpening(directory: configuration.storageDirectory).open()
        if broughtBack > 0 {
            logger.notice(
                "the store knows what was set aside; it is back in its place", metadata: ["count": "\(broughtBack)"])
        }
        // 2. Processing; what the last daemon's steps left is gone before the first job runs.
        let sockets = configuration.sockets
        let sandbox = Sandbox(
            configuration.sandbox.steps, in: area,
            hiding: ["\(configuration.storageDirectory)/files"] + sockets,
            covering: [configuration.storageDirectory] + sockets, executable: ProgramPath.itself,
            units: configuration.sandbox.units.isEmpty ? nil : configuration.sandbox.units, logger: logger)
        let processor = Processor(
            pipelines: configuration.processing, area: area, sandbox: sandbox, now: { SystemClock().now },
            logger: logger)
        await Blocking.run {
            processor.cleanUp()
            sandbox.start()
        }
        // 3. The map.
        let (end, ends) = AsyncStream.makeStream(of: Int32.self)
        let policy = await Blocking.run { configuration.access.policy(logger) }
        let reload = Reload(file: file, running: configuration, keys: policy.keys, logger: logger)
        let intake = UploadIntake(
            area, maximumBytes: configuration.front.maxUploadBytes, minimumFreeBytes: configuration.minimumFreeBytes)
        let disk = DaemonDisk(intake: intake, loop: loop)
        let backup = BackupService(area: area, store: store, disk: disk, logger: logger)
        let daemon = Daemon(
            loop: loop, store: store, runner: processor, disk: disk, rules: configuration.rules,
            policy: policy, logger: logger,
            schemas: APIDocument.schemas,
            handlers: DaemonHandlers(
                reload: { await reload.run(tokenKeys: $0) }, backUp: { await backup.run($0) },
                inspect: { await Blocking.run { Inspection(area: area, reload: reload).seen() } },
                damage: { _ in ends.yield(ExitCode.configuration) },
                end: { reason in
                    logger.critical("the daemon has to start anew", metadata: ["reason": "\(reason)"])
                    // What nobody knows is not to be told: no reply leaves any more.
                    Glibc.exit(1)
                }))
        processor.connect { daemon.propose($0) }
        sandbox.connect { daemon.sandboxChanged() }
        reload.connect(daemon, processor)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await signal in signals {
                    guard signal != SIGHUP else {
                        _ = await reload.run()
                        continue
                    }
                    ends.yield(0)
                    await daemon.beginStop()
                }
            }
            defer { group.cancelAll() }
            do {
                try await daemon.start()
            } catch StoreError.damaged(let reason) {
                throw OpenError.damaged(directory: configuration.storageDirectory, reason: reason)
            }
            // 4. The sockets.
            var listeners: [ControlListener] = []
            for door in Door.allCases {
                let path = door.path(beside: configuration.controlSocket)
                let socket = try handedOver[door.rawValue] ?? ControlSocket.listen(at: path, mode: door.mode)
                listeners.append(try await ControlListener.listen(socket, as: door, for: daemon))
            }
            patience.cancel()
            ServiceManager.notify("READY=1\nSTATUS=Serving \(configuration.controlSocket)")
            logger.notice("the daemon is ready", metadata: ["socket": "\(configuration.controlSocket)"])
            keepWatchdog(on: loop)
            let exitCode = await end.first { _ in true } ?? 0

            ServiceManager.notify("STOPPING=1")
            logger.notice("the daemon is stopping")
            for listener in listeners { await listener.close() }
            if exitCode == 0 { await daemon.stop() } else { await processor.stop() }
            for listener in listeners { await listener.closeConnections() }
            await store.close()
            return exitCode
        }
    }

    /// Says every 20 seconds that the start goes on: a large store of an earlier version takes its time, and a full disk has
    /// to be emptied by somebody.
    private func keepStarting(on loop: any EventLoop) -> RepeatedTask {
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(20)) { _ in
            ServiceManager.notify("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=Opening the store")
        }
    }

    /// Tells the watchdog from the event loop itself that it still turns.
    private func keepWatchdog(on loop: any EventLoop) {
        guard let interval = ServiceManager.watchdogInterval else { return }
        loop.scheduleRepeatedTask(initialDelay: .zero, delay: TimeAmount(interval)) { _ in
            ServiceManager.notify("WATCHDOG=1")
        }
    }
}

/// Work that blocks, awaited from a task on a thread that may block.
enum Blocking {
    static func run<Value: Sendable, Failure>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result(catching: body)) }
        }
        return try outcome.get()
    }
}

extension Processor: JobRunner {
    package var sandboxState: SandboxState {
        switch sandbox.state {
        case .off: .off
        case .working: .working(isMemoryHeld: sandbox.hasGroups)
        case .failing(let reason): .failing(reason: reason)
        }
    }
}
