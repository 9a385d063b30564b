import ArgumentParser

struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Run the daemon, which owns all jobs.",
        discussion: "SIGTERM ends it, SIGHUP reloads its configuration.")

    @OptionGroup var options: ConfigurationOptions

    func run() {
        let configuration = options.load()
        let service = DaemonService(configuration: configuration, file: options.config)
        Jobd.runAsynchronously { await service.run() }
    }
}

struct FastCGICommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fastcgi", abstract: "Run one front, which passes HTTP requests from a web server to the daemon.",
        discussion: """
            Several fronts may share one listening socket from systemd or jobd dev. Without such a socket, the front listens \
            at front.socket. SIGTERM ends it; SIGHUP reloads log.level.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(
        name: .customLong("host"),
        help:
            "A host name, without a port, that it answers to; others get 421 (default: any; may be repeated).")
    var hosts: [String] = []

    func run() {
        let service = FrontService(
            configuration: options.load(), file: options.config, hosts: hosts.isEmpty ? nil : hosts)
        Jobd.runAsynchronously { await service.run() }
    }
}

struct DeliverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver", abstract: "Send messages to webhooks, because the daemon has no network.",
        discussion: """
            It fetches the messages and their URLs from the daemon at deliver.sock, beside control.socket, and reports there \
            whether they arrived. SIGTERM ends it; SIGHUP reloads log.level.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run() {
        let service = DeliverService(configuration: options.load(), file: options.config)
        Jobd.runAsynchronously { await service.run() }
    }
}
