import JSON
import JobModel
import JobWire

/// Jobs that say something about the pages and the application that made them.
struct JobChecks {
    let session: Session
    /// The answer of `server.inspect`.
    let seen: JSONValue

    func findings() async throws -> [Finding] { try await guessable() + silent() }

    /// Jobs that pages made before nobody was refused them: whoever upgrades learns which pages that concerns.
    private func guessable() async throws -> [Finding] {
        guard seen["anonymous"] == "ids" else { return [] }
        let page = try await session.call(.listJobs, ["limit": 500])
        let jobs = (page["jobs"]?.array ?? []).filter { job in
            job["owner"] == .null && job["jobId"]?.string.flatMap(JobID.init)?.isUnguessable == false
        }
        guard let newest = jobs.first?["jobId"]?.string else { return [] }
        return [
            .note(
                "access",
                "\(jobs.count) of the newest jobs have no owner and an id that can be guessed, such as \(newest): "
                    + "anonymous callers cannot use them.",
                "Give your users names, or let jobd make ids. If you trust everybody who can reach the service, "
                    + "set access.anonymous = \"any\".")
        ]
    }

    /// Jobs that the application runs and has long said nothing of: they end by themselves only after days.
    private func silent() async throws -> [Finding] {
        let count = try await session.call(.getStats)["silent"]?.integer ?? 0
        guard count > 0 else { return [] }
        let page = try await session.call(.listJobs, ["status": "processing", "limit": 500])
        let limit = Timestamp.now + .hours(-1)
        let silent = page["jobs"]?.array?.last { job in
            job["runner"] == "application"
                && (job["updatedAt"]?.string.flatMap(Timestamp.init)).map { $0 < limit } ?? false
        }
        let id = silent?["jobId"]?.string
        return [
            .note(
                "silent",
                "\(count) \(count == 1 ? "job" : "jobs") of an application had no report for an hour"
                    + (id.map { "; one is \($0)." } ?? "."),
                "Send leaseSeconds with its reports, so that they fail if it stops; jobctl cancel \(id ?? "ID") ends one."
            )
        ]
    }
}
