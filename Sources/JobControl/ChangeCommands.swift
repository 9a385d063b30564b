import ArgumentParser
import JSON
import JobModel
import JobWire

// The verbs that take a job's id and change the job.

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "End a job in any state; a running step is told to stop, then killed.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    @Option(help: "Why; becomes the job's message.")
    var reason: String?

    func run() async throws {
        var params: JSONObject = ["jobId": .string(id)]
        params["reason"] = reason.map(JSONValue.string)
        try await callForJob(.cancelJob, params, common)
    }
}

struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Run a failed or cancelled job again, from the beginning.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    func run() async throws {
        try await callForJob(.retryJob, ["jobId": .string(id)], common)
    }
}

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove a job that has ended, with what it made.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    func run() async throws {
        try await callForJob(.deleteJob, ["jobId": .string(id)], common)
    }
}
