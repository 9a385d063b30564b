import ArgumentParser
import Dispatch
import Glibc
import JobControl
import JobFiles
import JobProcessing
import JobWire

/// The one executable: the daemon, the fronts and the development server, or the client when it is called `jobctl`.
@main
enum Jobd {
    static func main() {
        let words = CommandLine.arguments
        let name = words.first?.split(separator: "/").last ?? "jobd"
        // What others are forked from, which are to cost as little as possible: one thread, and nothing loaded that they do not need.
        switch name == "jobctl" ? nil : words.dropFirst().first {
        case StepExec.word: StepExec.main(words.dropFirst(2))
        case TypeExec.word: TypeExec.main()
        default: break
        }
        // Dispatch asks for a higher priority of its threads, and says on standard error that only root may have it.
        setenv("LIBDISPATCH_LOG", "NO", 0)
        if name == "jobctl" { runAsynchronously { await Jobctl.run(Array(words.dropFirst())) } }
        do {
            var command = try JobdCommand.parseAsRoot()
            try command.run()
        } catch {
            guard JobdCommand.exitCode(for: error) == .validationFailure else { JobdCommand.exit(withError: error) }
            Message.line(JobdCommand.fullMessage(for: error))
            exit(ExitCode.usage)
        }
    }

    /// Runs the rest of the program, and ends it with an exit code.
    static func runAsynchronously(_ body: @escaping @Sendable () async -> Int32) -> Never {
        Task { exit(await body()) }
        dispatchMain()
    }
}

struct JobdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobd",
        abstract: "Keep jobs safe and run them: a daemon, its web fronts, and everything to try them.",
        discussion: """
            jobd dev starts everything on this machine, for a try and for development. In production there are one jobd serve \
            and some jobd fastcgi behind a web server. jobctl, the client, is this program by its other name.
            """,
        version: Build.version,
        subcommands: [
            ServeCommand.self, FastCGICommand.self, DeliverCommand.self, DevCommand.self, CheckConfigCommand.self,
            CheckCommand.self,
        ])
}

/// Where the configuration is.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file (default: /etc/jobd/jobd.toml, if it exists).", completion: .file())
    var config: String?

    /// The configuration, or the end of the process with what is wrong in it.
    func load() -> Configuration {
        do throws(ConfigurationErrors) {
            return try Configuration.load(file: config)
        } catch {
            Message.line("\(error)")
            Glibc.exit(ExitCode.configuration)
        }
    }
}

/// The exit codes of `jobd` beside 0 and 1.
enum ExitCode {
    static let usage: Int32 = 2
    static let configuration: Int32 = 78
}

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

struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev", abstract: "Run daemon, fronts and nginx on 127.0.0.1, in the foreground.",
        discussion: "Prints its URLs when it is ready. Ctrl-C ends everything.")

    @Option(help: "The directory of all its state (default: a new temporary one).", completion: .directory)
    var directory: String?

    @Option(help: "The port on 127.0.0.1; 0 is any free one.")
    var port: UInt16 = 8080

    @Option(help: "The configuration file (default: jobd.toml in the directory, made if missing).", completion: .file())
    var config: String?

    @Option(help: "How many fronts (default: front.processes of the configuration).")
    var fronts: Int?

    @Option(
        name: .customLong("host"),
        help: "A host name that it answers to besides localhost, 127.0.0.1 and [::1] (may be repeated).")
    var hosts: [HostName] = []

    @Option(
        help: ArgumentHelp(
            "The directory of the documentation, shown at /docs/ (default: \(Documentation.installed)).",
            valueName: "directory"),
        completion: .directory)
    var docs: String?

    @Option(
        help: ArgumentHelp("A directory of your own pages, shown at / in place of the demo.", valueName: "directory"),
        completion: .directory)
    var pages: String?

    func validate() throws {
        guard fronts.map((1...64).contains) ?? true else { throw ValidationError("--fronts must be from 1 to 64.") }
    }

    func run() {
        let dev = Dev(
            directory: directory, port: port, configurationFile: config, fronts: fronts, documentation: docs,
            pages: pages, hosts: hosts)
        Glibc.exit(dev.run())
    }
}

struct CheckConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config", abstract: "Check the configuration, and start nothing.",
        discussion: "The exit code is 78 if there is an error or a pipeline's program is missing.")

    @OptionGroup var options: ConfigurationOptions

    func run() {
        let report = CheckConfig(file: options.config).report()
        for line in report.lines { report.exitCode == 0 ? print(line) : Message.line(line) }
        Glibc.exit(report.exitCode)
    }
}
