import ArgumentParser
import JSON
import JobModel
import JobWire

struct ProcessCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "process", abstract: "Give a job its files and queue it; create the job if the id is new.")

    @OptionGroup var common: CommonOptions

    @Argument(help: "The job's id.", completion: Completion.jobs)
    var id: String

    @Argument(help: "Files to upload; - is standard input.", completion: .file())
    var files: [String] = []

    @Option(help: "The file name of standard input.")
    var name = LocalFile.nameOfInput

    @Option(name: .customLong("file-id"), help: "A file that was uploaded before; may be repeated.")
    var fileIds: [String] = []

    @Option(name: .customLong("type"), help: "The job's type when it is created.")
    var jobType: String?

    @Option(help: "A sentence about the job.")
    var message: String?

    @Option(help: "A JSON object that stays with the job.")
    var metadata: String?

    func validate() throws { try LocalFile.check(files) }

    func run() async throws {
        let result = try await Session.with(common) { session in
            var ids = fileIds.map(JSONValue.string)
            for file in files { ids.append(try await LocalFile(path: file, name: name).send(over: session)) }
            var params: JSONObject = ["jobId": .string(id), "fileIds": .array(ids)]
            params["jobType"] = jobType.map(JSONValue.string)
            params["message"] = message.map(JSONValue.string)
            params["metadata"] = try metadata.map(NewJobOptions.metadata)
            return try await session.call(.processJob, params)
        }
        JobView(json: result["job"] ?? .null).print(common)
    }
}
