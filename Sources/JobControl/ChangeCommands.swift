import ArgumentParser
import JSON
import JobModel
import JobWire

// The verbs that take jobs' ids and change the jobs. Of several jobs the others are changed though one is refused.

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel jobs in any state; a running step gets SIGTERM, then SIGKILL.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: ChangedJobs

    @Option(help: "Why; becomes the jobs' message.")
    var reason: String?

    func run() async throws {
        var params = JSONObject()
        params["reason"] = reason.map(JSONValue.string)
        guard reason == nil || !jobs.ids.isEmpty else {
            throw ValidationError("--reason is for jobs that are named.")
        }
        try await jobs.call(.cancelJob, "cancel", common, params)
    }
}

struct UpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change the priority, the start time or the message of jobs that wait.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: JobIDs

    @Option(help: "From -100 to 100; higher ones come first.")
    var priority: Int?

    @Option(help: "Do not start before this time, such as 2026-11-23T12:00:00Z.")
    var runAt: String?

    @Option(help: "A sentence about the job.")
    var message: String?

    func validate() throws {
        guard priority != nil || runAt != nil || message != nil else {
            throw ValidationError("Say what to change: --priority, --run-at or --message.")
        }
    }

    func run() async throws {
        var params = JSONObject()
        params["priority"] = priority.map { JSONValue($0) }
        params["runAt"] = runAt.map(JSONValue.string)
        params["message"] = message.map(JSONValue.string)
        try await jobs.call(.updateJob, common, params)
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Run failed or cancelled jobs again, from the beginning.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: ChangedJobs

    func run() async throws { try await jobs.call(.retryJob, "retry", common) }
}

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove jobs that have ended, with their files and artifacts.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: ChangedJobs

    func run() async throws { try await jobs.call(.deleteJob, "delete", common) }
}
