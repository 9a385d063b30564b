import ArgumentParser
import JSON
import JobModel
import JobWire

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, newest first.",
        discussion: """
            On a terminal columns are left out and texts cut until a job fits on a line; with --json a line has everything \
            about it. The next page begins at the --cursor that is printed as a message.
            """)

    @OptionGroup var common: CommonOptions

    @Option(
        help: "States, separated by commas: \(JobStatus.words).",
        completion: .list(JobStatus.allCases.map(\.rawValue)))
    var status: String?

    @Option(help: "Only jobs of this queue.")
    var queue: String?

    @Option(name: .customLong("type"), help: "Only jobs of this type.")
    var jobType: String?

    @Option(name: [.customShort("s"), .long], help: "The beginning of an id, or part of a file's name, the message or the error.")
    var search: String?

    @Option(help: "Jobs on a page, 1 to 500 (default: 50).")
    var limit: Int?

    @Option(help: "Where the page begins.")
    var cursor: String?

    func validate() throws {
        for word in status?.split(separator: ",").map(String.init) ?? [] where JobStatus(rawValue: word) == nil {
            let meant =
                Suggestion.near(word, in: JobStatus.allCases.map(\.rawValue)).map { "; did you mean \($0)?" } ?? "."
            throw ValidationError("--status: there is no state '\(word)'\(meant) There are \(JobStatus.words).")
        }
    }

    func run() async throws {
        var params = JSONObject()
        params["status"] = status.map(JSONValue.string)
        params["queue"] = queue.map(JSONValue.string)
        params["jobType"] = jobType.map(JSONValue.string)
        params["q"] = search.map(JSONValue.string)
        params["limit"] = limit.map { JSONValue($0) }
        params["cursor"] = cursor.map(JSONValue.string)
        let page = try await Session.with(common) { [params] in try await $0.call(.listJobs, params) }
        let jobs = (page["jobs"]?.array ?? []).map { JobView(json: $0) }
        if common.json || common.quiet {
            for job in jobs { job.printLine(common) }
        } else {
            for line in JobList(jobs: jobs).lines(width: Output.width) { Output.line(line) }
        }
        if let next = page["nextCursor"]?.string { Output.message("more: --cursor \(next)") }
    }
}

extension JobStatus {
    /// All of them, for people.
    fileprivate static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
