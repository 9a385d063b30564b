import ArgumentParser
import JSON
import JobModel
import JobWire

/// The jobs that a verb changes: named by their ids, or all that a query finds.
struct ChangedJobs: ParsableArguments {
    @Argument(help: "The jobs' ids; or select them by options.", completion: Completion.jobs)
    var ids: [String] = []

    @OptionGroup var filter: JobFilter

    @Option(help: "Jobs that ended before 2h or 7d ago, or before a time such as 2026-11-23T12:00:00Z.")
    var endedBefore: String?

    @Option(help: "At most so many (default: 10000).")
    var limit: Int?

    @Flag(help: "Only count the jobs.")
    var dryRun = false

    private var query: JSONObject {
        var query = filter.params
        query["endedBefore"] = endedBefore.flatMap(Moment.text).map(JSONValue.string)
        return query
    }

    func validate() throws {
        try Moment.check(endedBefore, "--ended-before")
        let isQuery = !query.members.isEmpty
        if ids.isEmpty, !isQuery { throw ValidationError("Name jobs, or say which ones, such as --status failed.") }
        if !ids.isEmpty, isQuery { throw ValidationError("Name jobs, or say which ones, not both.") }
        if !ids.isEmpty, dryRun || limit != nil {
            throw ValidationError("--dry-run and --limit are for jobs that are not named.")
        }
    }

    /// Sends one request for each job that is named, or one for all that the query finds.
    func call(_ method: Method, _ action: String, _ common: CommonOptions, _ params: JSONObject = [:]) async throws {
        guard ids.isEmpty else {
            return try await JobIDs.call(ids, method, common, params)
        }
        var bulk = query
        bulk["action"] = .string(action)
        bulk["limit"] = limit.map { JSONValue($0) }
        if dryRun { bulk["dryRun"] = true }
        let result = try await Session.with(common) { [bulk] in try await $0.call(.changeJobs, bulk) }
        if common.json { return Output.json(result) }
        func count(_ name: String) -> String { result[name].map { JSONText($0).text } ?? "0" }
        guard !dryRun else { return Output.line("\(count("matched")) jobs match") }
        let reason = result["reason"]?.string.map { ": \(Output.printable($0))" } ?? ""
        Output.line("\(count("matched")) jobs, \(count("done")) done, \(count("refused")) refused\(reason)")
    }
}

/// The jobs that a verb is about.
struct JobIDs: ParsableArguments {
    @Argument(help: "The jobs' ids.", completion: Completion.jobs)
    var ids: [String]

    /// Sends one request for each job, whose result is a job, and prints it.
    ///
    /// - Throws: ``Exit``. Of several jobs the others are done all the same, and the exit code is that of the first that was
    ///   refused.
    func call(_ method: Method, _ common: CommonOptions, _ params: JSONObject = [:]) async throws {
        try await Self.call(ids, method, common, params)
    }

    static func call(
        _ ids: [String], _ method: Method, _ common: CommonOptions, _ params: JSONObject
    ) async throws {
        try await Session.with(common) { session in
            var isFirst = true
            try await forEach(of: ids) { id in
                var params = params
                params["jobId"] = .string(id)
                let result = try await session.call(method, params)
                if !isFirst, !common.json, !common.quiet { Output.line("") }
                isFirst = false
                JobView(json: result["job"] ?? result).print(common)
            }
        }
    }

    /// Does something for each job, and goes on after a refusal.
    func forEach(_ body: (String) async throws -> Void) async throws { try await Self.forEach(of: ids, body) }

    private static func forEach(of ids: [String], _ body: (String) async throws -> Void) async throws {
        var first: Exit?
        for id in ids {
            do {
                try await body(id)
            } catch let exit as Exit where ids.count > 1 && exit.code != Exit.unreachable {
                if let message = exit.message { Output.message(message) }
                first = first ?? Exit(code: exit.code)
            }
        }
        if let first { throw first }
    }
}
