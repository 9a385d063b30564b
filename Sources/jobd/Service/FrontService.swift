import Glibc
import JobDaemon
import JobFront
import Logging
import UnixSignals

/// `jobd fastcgi`: one front on a socket that it was handed, or that it makes.
struct FrontService: Sendable {
    let configuration: Configuration

    /// Runs until SIGTERM or SIGINT, and returns the exit code.
    func run() async -> Int32 {
        let logger = ServiceLog.logger("jobd-fastcgi", configuration.logLevel)
        do {
            let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
            let socket =
                try ServiceManager.takeListeningSocket() ?? ControlSocket.listen(at: configuration.front.socket)
            let front = Front(configuration: configuration.forFront, listeningDescriptor: socket, logger: logger)
            ServiceManager.notify("READY=1")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals {
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
}
