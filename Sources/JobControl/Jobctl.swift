package import ArgumentParser
import JobWire

/// The client of the daemon for the command line.
package struct Jobctl: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "jobctl",
        abstract: "Give jobs to the jobd daemon, follow them, and end them.",
        discussion: """
            A first job, its progress, and an artifact of it:

              jobctl submit --follow contract.pdf
              jobctl list --status processing,queued
              jobctl artifacts get ID text.txt

            Failed jobs, their logs, and another try:

              jobctl list --status failed --since 1h
              jobctl logs ID
              jobctl retry --status failed --since 1h

            Every verb takes --socket, --json and -q, before or after its name. Data goes to standard output, messages to \
            standard error.

            Exit codes: 0 done (wait, follow, submit --wait: completed) · 1 the job failed, or a general error · 2 usage · \
            3 not in a state that allows it · 4 no such job, or gone · 5 cancelled · 69 daemon unreachable · 75 try again \
            later · 77 not permitted · 78 configuration · 124 --timeout ran out.
            """,
        version: Build.version,
        groupedSubcommands: [
            .init(
                name: "Jobs",
                subcommands: [
                    SubmitCommand.self, CreateCommand.self, ProcessCommand.self, ListCommand.self, ShowCommand.self,
                    FollowCommand.self, WaitCommand.self, CancelCommand.self, RetryCommand.self, UpdateCommand.self,
                    DeleteCommand.self, LogsCommand.self, ArtifactsCommand.self, WorkCommand.self, ExplainCommand.self,
                    BatchesCommand.self, SchedulesCommand.self,
                ]),
            .init(
                name: "Service",
                subcommands: [
                    QueuesCommand.self, PauseCommand.self, ResumeCommand.self, DrainCommand.self, UndrainCommand.self,
                    WebhooksCommand.self, StatusCommand.self, StatsCommand.self,
                    TopCommand.self, DoctorCommand.self, MetricsCommand.self, ReloadCommand.self, BackupCommand.self,
                    TokenCommand.self, VersionCommand.self,
                ]),
        ])

    package init() {}

    static var verbs: [String] {
        configuration.groupedSubcommands.flatMap { group in
            group.subcommands.compactMap { $0.configuration.commandName }
        }
    }

    /// What to say when the verb does not exist.
    private static func unknownVerb(in words: [String]) -> Exit? {
        var known = verbs + ["help"]
        var words = words[...]
        if words.first == "artifacts", words.count > 1 {
            words = words.dropFirst()
            known = ["ls", "list", "get", "help"]
        }
        guard let verb = words.first, !verb.hasPrefix("-"), !known.contains(verb) else { return nil }
        let near =
            Suggestion.ofOthers[verb].flatMap { known.contains($0) ? $0 : nil } ?? Suggestion.near(verb, in: known)
        let meant = near.map { "; did you mean \($0)?" } ?? "."
        return Exit(
            code: Exit.usage, message: "jobctl: there is no verb \(Output.printable(verb))\(meant) See jobctl --help.")
    }

    /// Runs one command line (without the program's name), and returns the exit code.
    package static func run(_ arguments: [String]) async -> Int32 {
        do {
            let words = CommonOptions.moveBehindVerb(arguments)
            if let unknown = unknownVerb(in: words) { throw unknown }
            var command = try parseAsRoot(words)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            return 0
        } catch let exit as Exit {
            if let message = exit.message { Output.message(message) }
            return exit.code
        } catch let lost as Session.ConnectionLost {
            Output.message("jobctl: \(lost)")
            return Exit.unreachable
        } catch {
            let text = fullMessage(for: error)
            switch exitCode(for: error) {
            case .success:
                print(text)
                return 0
            case .validationFailure:
                Output.message(
                    text.split(separator: "\n", omittingEmptySubsequences: false).map { Output.printable(String($0)) }
                        .joined(separator: "\n"))
                return Exit.usage
            default:
                Output.message("jobctl: \(text)")
                return Exit.failure
            }
        }
    }
}
