import ArgumentParser
import JSON
import JobWire

struct SubmitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "submit", abstract: "Upload files and process them as one job.",
        discussion: """
            Prints the job. With --wait or --follow it returns when the job has ended, with an exit code for its \
            end; Ctrl-C ends the waiting, not the job. On a terminal it says why the job does not run yet.
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
