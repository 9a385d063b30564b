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
