import ArgumentParser
import JSON
import JobModel
import JobWire

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, newest first.",
        discussion: """
            On a terminal columns are left out and texts cut until a job fits on a line; with --json a line has everything \
            about it. The next page begins at the --cursor that is printed as a message; --all prints every page.
            """)

    /// What the daemon gives at once.
    private static let largestPage = 500

    @OptionGroup var common: CommonOptions

    @Option(
        help: "States, separated by commas: \(JobStatus.words).",
        completion: .list(JobStatus.allCases.map(\.rawValue)))
    var status: String?

    @Option(help: "Only jobs of this queue.", completion: Completion.queues)
    var queue: String?

    @Option(name: .customLong("type"), help: "Only jobs of this type.")
    var jobType: String?

    @Option(
        name: [.customShort("s"), .long],
        help: "The beginning of an id, or part of a file's name, the message or the error.")
    var search: String?

    @Option(help: "Jobs on a page, 1 to 500 (default: 50).")
    var limit: Int?

    @Option(help: "Where the page begins.")
    var cursor: String?

    @Flag(help: "Every page, not only one.")
    var all = false

    func validate() throws { try JobStatus.check(status) }

    func run() async throws {
        var params = JSONObject()
        params["status"] = status.map(JSONValue.string)
        params["queue"] = queue.map(JSONValue.string)
        params["jobType"] = jobType.map(JSONValue.string)
        params["q"] = search.map(JSONValue.string)
        params["limit"] = limit.map { JSONValue($0) }
        params["cursor"] = cursor.map(JSONValue.string)
        if all { params["limit"] = JSONValue(limit ?? Self.largestPage) }
        let (jobs, next) = try await Session.with(common) { [params] in try await pages(params, over: $0) }
        guard !common.json, !common.quiet else { return }
        for line in JobList(jobs: jobs).lines(width: Output.width, paint: .output) { Output.line(line) }
        if let next { Output.message("more: --cursor \(next)") }
    }

    /// The jobs of one page, or of all from there; for programs each page is printed as it comes.
    private func pages(_ params: JSONObject, over session: Session) async throws -> (jobs: [JobView], next: String?) {
        var (params, jobs, next) = (params, [JobView](), String?.none)
        repeat {
            let page = try await session.call(.listJobs, params)
            let found = (page["jobs"]?.array ?? []).map { JobView(json: $0) }
            if common.json || common.quiet { for job in found { job.printLine(common) } } else { jobs += found }
            next = page["nextCursor"]?.string
            params["cursor"] = next.map(JSONValue.string)
        } while all && next != nil
        if common.json || common.quiet, let next { Output.message("more: --cursor \(next)") }
        return (jobs, next)
    }
}

extension JobStatus {
    /// All of them, for people.
    static var words: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// Looks at the states of --status.
    static func check(_ list: String?) throws(ValidationError) {
        for word in list?.split(separator: ",").map(String.init) ?? [] where JobStatus(rawValue: word) == nil {
            let meant = Suggestion.near(word, in: allCases.map(\.rawValue)).map { "; did you mean \($0)?" } ?? "."
            throw ValidationError("--status: there is no state '\(word)'\(meant) There are \(words).")
        }
    }
}
