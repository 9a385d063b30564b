import ArgumentParser
import JSON
import JobModel
import JobWire

struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Print everything about a job.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.")
    var id: String

    func run() async throws {
        try await callForJob(.getJob, ["jobId": .string(id)], common)
    }
}

/// Sends one request whose result is a job, and prints the job.
func callForJob(_ method: Method, _ params: JSONObject, _ common: CommonOptions) async throws {
    let result = try await Session.with(common) { try await $0.call(method, params) }
    JobView(json: result["job"] ?? result).print(common)
}
