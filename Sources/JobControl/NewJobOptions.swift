import ArgumentParser
import JSON
import JobModel
import JobWire

/// What a new job can be given on the command line.
struct NewJobOptions: ParsableArguments {
    @Option(name: .customLong("id"), help: "The job's id (default: a new random one).")
    var jobId: String?

    @Option(name: .customLong("type"), help: "The job's type, which chooses its pipeline (default: file_processing).")
    var jobType: String?

    @Option(help: "A sentence about the job.")
    var message: String?

    @Option(help: "A JSON object that stays with the job.")
    var metadata: String?

    func params() throws -> JSONObject {
        var generator = SystemRandomNumberGenerator()
        var params = JSONObject()
        params["jobId"] = .string(jobId ?? JobID.make(at: .now, using: &generator).description)
        params["jobType"] = jobType.map(JSONValue.string)
        params["message"] = message.map(JSONValue.string)
        params["metadata"] = try metadata.map(Self.metadata)
        return params
    }

    static func metadata(_ text: String) throws(Exit) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue.parse(text)
        } catch {
            throw Exit(code: Exit.usage, message: "jobctl: --metadata \(error).")
        }
    }
}
