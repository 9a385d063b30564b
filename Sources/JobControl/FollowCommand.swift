import ArgumentParser
import JobModel
import JobWire

struct FollowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Show jobs as they change, until they have ended.",
        discussion: """
            One job on a terminal gets a bar; else each change is a line. Goes on when the daemon is restarted. The exit \
            code is that of the first job that did not complete.
            """)

    @OptionGroup var common: CommonOptions

    @Argument(help: "The jobs' ids.")
    var ids: [String]

    @Option(help: "Seconds to wait at most; then exit code 124.")
    var timeout: Double?

    func run() async throws {
        let display = ProgressDisplay(options: common, jobCount: ids.count)
        let final = try await Following(options: common, timeout: timeout).run(ids) { display.show($0) }
        throw Exit(code: final.map(\.exitCode).first { $0 != 0 } ?? 0)
    }
}

struct WaitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait", abstract: "Wait until jobs have ended, then print them.",
        discussion:
            "Goes on when the daemon is restarted. The exit code is that of the first job that did not complete.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The jobs' ids.")
    var ids: [String]

    @Option(help: "Seconds to wait at most; then exit code 124.")
    var timeout: Double?

    func run() async throws {
        let final = try await Following(options: common, timeout: timeout).run(ids) { _ in }
        for job in final { job.printLine(common) }
        throw Exit(code: final.map(\.exitCode).first { $0 != 0 } ?? 0)
    }
}
