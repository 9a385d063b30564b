import ArgumentParser
import JobModel
import JobWire

struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Show jobs as they change, until they have ended.",
        discussion: """
            Shows a bar for one job on a terminal, else a line for each change. On a terminal it also says why a job \
            does not run yet. Goes on after a restart of the daemon. The exit code is that of the first job that did \
            not complete. Ctrl-C ends the command, not the jobs.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    @Option(help: "Wait at most this long, in seconds or as 10m; then exit code 124.")
    var timeout: TypedSpan?

    func run() async throws {
        let display = ProgressDisplay(options: common, jobCount: jobs.ids.count)
        Output.endWithReader()
        let interrupt = Interrupt(jobs.ids, quiet: common.quiet)
        defer { withExtendedLifetime(interrupt) {} }
        let final = try await Following(options: common, timeout: timeout?.duration).run(jobs.ids) { display.show($0) }
        display.explain(final)
        throw Exit(code: final.map(\.exitCode).first { $0 != 0 } ?? 0)
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until jobs have ended, then print them.",
        discussion: """
            Goes on when the daemon is restarted, and says on a terminal why a job does not run yet. The exit code is that \
            of the first job that did not complete.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    @Option(help: "Wait at most this long, in seconds or as 10m; then exit code 124.")
    var timeout: TypedSpan?

    func run() async throws {
        let interrupt = Interrupt(jobs.ids, quiet: common.quiet)
        defer { withExtendedLifetime(interrupt) {} }
        let final = try await Following(options: common, timeout: timeout?.duration).run(jobs.ids) { _ in }
        for job in final { job.printLine(common) }
        throw Exit(code: final.map(\.exitCode).first { $0 != 0 } ?? 0)
    }
}
