import JSON
import ArgumentParser
import JobModel
import JobWire

/// The jobs that a verb is about.
struct JobIDs: ParsableArguments {
    @Argument(help: "The jobs' ids.")
    var ids: [String]

    /// Sends one request for each job, whose result is a job, and prints it.
    ///
    /// - Throws: ``Exit``. Of several jobs the others are done all the same, and the exit code is that of the first that was
    ///   refused.
    func call(_ method: Method, _ common: CommonOptions, _ params: JSONObject = [:]) async throws {
        try await Session.with(common) { session in
            var isFirst = true
            try await forEach { id in
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
    func forEach(_ body: (String) async throws -> Void) async throws {
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
