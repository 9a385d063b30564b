import ArgumentParser
import JSON
import JobModel
import JobWire

// The verbs that take jobs' ids and change the jobs. Of several jobs the others are changed though one is refused.

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End jobs in any state; a running step is told to stop, then killed.")

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

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Run failed or cancelled jobs again, from the beginning.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: ChangedJobs

    func run() async throws { try await jobs.call(.retryJob, "retry", common) }
}

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove jobs that have ended, with what they made.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var jobs: ChangedJobs

    func run() async throws { try await jobs.call(.deleteJob, "delete", common) }
}
