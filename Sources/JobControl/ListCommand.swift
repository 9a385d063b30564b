import ArgumentParser
import JSON
import JobModel
import JobWire

struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List jobs, newest first.",
        discussion: "With --json one job a line. The next page begins at the --cursor that is printed as a message.")

    @OptionGroup var common: CommonOptions

    @Option(help: "States, separated by commas.")
    var status: String?

    @Option(help: "Only jobs of this queue.")
    var queue: String?

    @Option(name: .customLong("type"), help: "Only jobs of this type.")
    var jobType: String?

    @Option(name: [.customShort("s"), .long], help: "The beginning of an id, or part of a file's name or the message.")
    var search: String?

    @Option(help: "Jobs on a page, 1 to 500 (default: 50).")
    var limit: Int?

    @Option(help: "Where the page begins.")
    var cursor: String?

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
            Output.table(
                ["ID", "STATUS", "PROGRESS", "TYPE", "QUEUE", "CREATED", "REMARK"],
                jobs.map { job in
                    [
                        job.id, job.statusWord, job.percent, job.json["jobType"]?.string ?? "",
                        job.json["queue"]?.string ?? "", job.json["createdAt"]?.string ?? "", job.remark,
                    ]
                })
        }
        if let next = page["nextCursor"]?.string { Output.message("more: --cursor \(next)") }
    }
}
