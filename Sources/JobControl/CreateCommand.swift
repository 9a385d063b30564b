import ArgumentParser
import JSON
import JobModel
import JobWire

struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create a job whose input comes later, or that an application runs.",
        discussion: "An id that exists is answered with the job as it is, unless --reject is given.")

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: NewJobOptions

    @Option(help: "The queue (default: the pipeline's).")
    var queue: String?

    @Option(help: "From -100 to 100; higher ones come first.")
    var priority: Int?

    @Option(help: "Do not start before this moment, such as 2026-11-23T12:00:00Z.")
    var runAt: String?

    @Option(help: "Do not start before this many seconds have passed.")
    var delay: Double?

    @Option(help: "Attempts before the job has failed (default: the pipeline's).")
    var maxAttempts: Int?

    @Option(name: .customLong("file-id"), help: "An uploaded file; may be repeated. The job is queued at once.")
    var fileIds: [String] = []

    @Flag(help: "Queue the job at once, though it has no files.")
    var noFiles = false

    @Flag(help: "Fail with exit code 3 when the id exists.")
    var reject = false

    func run() async throws {
        var params = try job.params()
        params["queue"] = queue.map(JSONValue.string)
        params["priority"] = priority.map { JSONValue($0) }
        params["runAt"] = runAt.map(JSONValue.string)
        params["delaySeconds"] = delay.map { JSONValue($0) }
        params["maxAttempts"] = maxAttempts.map { JSONValue($0) }
        if noFiles || !fileIds.isEmpty { params["fileIds"] = .array(fileIds.map(JSONValue.string)) }
        if reject { params["onConflict"] = "reject" }
        let result = try await Session.with(common) { [params] in try await $0.call(.createJob, params) }
        JobView(json: result["job"] ?? .null).print(common)
    }
}
