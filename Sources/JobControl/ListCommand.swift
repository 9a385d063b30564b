import ArgumentParser
import JSON
import JobModel
import JobWire

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, the newest first.",
        discussion: """
            On a terminal, leaves out columns and shortens texts so that a job fits on a line; --json prints everything \
            about it. A message names the --cursor of the next page; --all prints every page.
            """)

    /// What the daemon gives at once.
    private static let largestPage = 500

    @OptionGroup var common: CommonOptions

    @OptionGroup var filter: JobFilter

    @Flag(help: "List the oldest first.")
    var oldest = false

    @Option(help: "Jobs on a page, 1 to 500 (default: 50).")
    var limit: Int?

    @Option(help: "The cursor that the page before has named.")
    var cursor: String?

    @Flag(help: "All pages, not only one.")
    var all = false

    func run() async throws {
        var params = filter.params
        if oldest { params["order"] = "oldest" }
        params["limit"] = limit.map { JSONValue($0) }
        params["cursor"] = cursor.map(JSONValue.string)
        if all { params["limit"] = JSONValue(limit ?? Self.largestPage) }
        let (jobs, next) = try await Session.with(common) { [params] in try await pages(params, over: $0) }
        guard !common.json, !common.quiet else { return }
        for line in JobRows(jobs: jobs).lines(width: Output.width, paint: .output) { Output.line(line) }
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
