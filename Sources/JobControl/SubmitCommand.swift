import ArgumentParser
import Glibc
import JSON
import JobModel
import JobWire

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Upload files and process them as one job.",
        discussion: """
            Prints the job. With --wait or --follow it returns when the job has ended, with an exit code for its \
            end; Ctrl-C ends the waiting, not the job.
            """)

    @OptionGroup var common: CommonOptions
    @OptionGroup var job: NewJobOptions

    @Argument(help: "The files, at most 100; - is standard input.", completion: .file())
    var files: [String]

    @Option(help: "The file name of standard input.")
    var name = LocalFile.nameOfInput

    @Flag(help: "Wait for the end, then print the job.")
    var wait = false

    @Flag(help: "Show the progress until the end.")
    var follow = false

    @Option(help: "Wait at most this long, in seconds or as 10m; then exit code 124.")
    var timeout: TypedSpan?

    func validate() throws { try LocalFile.check(files) }

    func run() async throws {
        let submitted = try await Session.with(common) { session in
            var params = try job.params()
            var fileIds: [JSONValue] = []
            for file in files { fileIds.append(try await LocalFile(path: file, name: name).send(over: session)) }
            params["fileIds"] = .array(fileIds)
            return JobView(json: try await session.call(.processJob, params)["job"] ?? .null)
        }
        guard wait || follow else { return submitted.print(common) }
        let display = ProgressDisplay(options: common, jobCount: 1)
        // The bar does not show it.
        if follow, display.showsBar { Output.message("job \(submitted.id)") }
        if follow { Output.endWithReader() }
        let interrupt = Interrupt([submitted.id], quiet: common.quiet)
        defer { withExtendedLifetime(interrupt) {} }
        let final = try await Following(options: common, timeout: timeout?.duration)
            .run([submitted.id]) { [follow] in if follow { display.show($0) } }
        if follow { display.explain(final) } else { final.first?.print(common) }
        throw Exit(code: final.first?.exitCode ?? Exit.failure)
    }
}

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

/// A local file, or standard input, on its way to the daemon.
struct LocalFile {
    static let nameOfInput = "stdin"
    /// Bytes in one request; base64 makes them a third longer.
    private static let chunkBytes = 512 * 1024

    /// Standard input is `-`.
    let path: String
    /// What standard input is called.
    let name: String

    private var isInput: Bool { path == "-" }

    /// Standard input can be read once.
    static func check(_ files: [String]) throws(ValidationError) {
        guard files.count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("Standard input (-) can be one of the files, and not two.")
        }
    }

    /// Sends the file and returns its id.
    func send(over session: Session) async throws -> JSONValue {
        let descriptor = isInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("cannot be opened") }
        defer { if !isInput { close(descriptor) } }
        let name = isInput ? name : path.split(separator: "/").last.map(String.init) ?? path
        let id = try await session.call(.beginFile, ["name": .string(name)])["fileId"] ?? .null
        while true {
            let chunk = try readChunk(descriptor)
            if chunk.isEmpty { break }
            _ = try await session.call(.appendFile, ["fileId": id, "data": JSONValue(base64: chunk)])
        }
        return try await session.call(.commitFile, ["fileId": id])["fileId"] ?? .null
    }

    private func readChunk(_ descriptor: CInt) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            let result = read(descriptor, buffer.baseAddress, buffer.count)
            guard result >= 0 else { throw failure("cannot be read") }
            count = result
        }
    }

    private func failure(_ problem: String) -> Exit {
        let reason = String(cString: strerror(errno))
        let subject = isInput ? "standard input" : Output.printable(path)
        return Exit(code: Exit.failure, message: "jobctl: \(subject) \(problem): \(reason).")
    }
}
