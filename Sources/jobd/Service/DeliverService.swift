import Glibc
import JobDaemon
import JobDelivery
import JobModel
import JobSystem
import Logging
import NIOCore
import NIOPosix

/// `jobd deliver`: sends what the daemon has for webhooks.
struct DeliverService: Sendable {
    let configuration: Configuration
    /// The file that is read again for the log's level.
    let file: String?

    /// Runs until SIGTERM or SIGINT, and returns the exit code.
    func run() async -> Int32 {
        let logger = ServiceLog.logger("jobd-deliver", configuration.live.logLevel)
        let signals: AsyncStream<CInt>
        do { signals = try CaughtSignals.stream(of: SIGTERM, SIGINT, SIGHUP) } catch {
            logger.critical("the sender cannot run", metadata: ["reason": "\(error)"])
            return 1
        }
        signal(SIGPIPE, SIG_IGN)
        let group = MultiThreadedEventLoopGroup.singleton
        let lookUp = NameLookUp()
        let sender = Sender(
            on: group,
            Sender.Surroundings(
                addresses: { await lookUp.addresses(of: $0) }, own: { IPAddress.own() },
                file: { SmallFile.read($0) }, now: { SystemClock().now }))
        let courier = Courier(
            socket: Door.deliver.path(beside: configuration.controlSocket), on: group.next(), logger: logger
        ) { await sender.send($0) }
        ServiceManager.notify("READY=1")
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await courier.run() }
            for await signal in signals {
                guard signal == SIGHUP else { break }
                FrontService.reloadLevel(of: logger, from: file)
            }
            ServiceManager.notify("STOPPING=1")
            tasks.cancelAll()
        }
        return 0
    }
}
