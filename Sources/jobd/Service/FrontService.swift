import Glibc
import JobDaemon
import JobFront
import JobFrontFastCGI
import JobFrontWebSocket
import JobSystem
import Logging

/// `jobd fastcgi`: one front on a socket that it was handed, or that it makes.
struct FrontService: Sendable {
    let configuration: Configuration
    /// The file that is read again for the log's level.
    let file: String?
    /// The names under which it may be asked; nil for any.
    let hosts: [String]?

    /// Runs until SIGTERM or SIGINT, and returns the exit code.
    func run() async -> Int32 {
        let logger = ServiceLog.logger("jobd-fastcgi", configuration.live.logLevel)
        do {
            let signals = try CaughtSignals.stream(of: SIGTERM, SIGINT, SIGHUP)
            let sockets = try Self.listeningSockets(configuration.front)
            var settings = configuration.forFront
            settings.access.hosts = hosts
            let front = FastCGIFront(
                configuration: settings, listeningDescriptor: sockets.fastCGI,
                furtherTransports: sockets.webSocket.map { [WebSocketListener(descriptor: $0)] } ?? [], logger: logger)
            ServiceManager.notify("READY=1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await signal in signals {
                        if signal == SIGHUP {
                            Self.reloadLevel(of: logger, from: file)
                            continue
                        }
                        ServiceManager.notify("STOPPING=1")
                        front.stop()
                        return
                    }
                }
                try await front.run()
                group.cancelAll()
            }
            return 0
        } catch {
            logger.critical("the front cannot run", metadata: ["reason": "\(error)"])
            return 1
        }
    }

    /// How the sockets are called that are handed over: the web server's, and that for WebSockets.
    static let socketNames = (fastCGI: "fastcgi", webSocket: "websocket")

    /// The sockets that were handed over, by systemd's manner or by FastCGI's own, which has no second one; or those at the
    /// addresses, of which one on a network has none for WebSockets beside it.
    private static func listeningSockets(_ settings: Configuration.Front) throws -> (fastCGI: CInt, webSocket: CInt?) {
        var handed = ServiceManager.takeListeningSockets()
        let webSocket = handed.removeValue(forKey: socketNames.webSocket)
        if let fastCGI = handed[socketNames.fastCGI] ?? handed.values.min() ?? HandedSocket.takeStandardInput() {
            return (fastCGI, webSocket)
        }
        if let address = FrontAddress(settings.socket) { return (try address.listen(), webSocket) }
        return (
            try ControlSocket.listen(at: settings.socket),
            try webSocket ?? ControlSocket.listen(at: settings.webSocket)
        )
    }

    /// Puts the log's level in force; everything else wants a new front, which costs nobody anything.
    static func reloadLevel(of logger: Logger, from file: String?) {
        do throws(ConfigurationErrors) {
            let read = try Configuration.load(file: file)
            logger.setSharedLevel(read.live.logLevel)
            logger.notice("the level of the log was read again", metadata: ["level": "\(read.live.logLevel.rawValue)"])
        } catch {
            logger.error("the configuration was not reloaded", metadata: ["reason": "\(error)"])
        }
    }
}
