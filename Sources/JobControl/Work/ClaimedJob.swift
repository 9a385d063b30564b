import JSON

/// A job that this worker holds.
struct ClaimedJob: Sendable {
    let json: JSONValue
    let id: String
    let token: String

    init?(_ entry: JSONValue) {
        guard let job = entry["job"], let id = job["jobId"]?.string, let token = entry["lease"]?["token"]?.string
        else { return nil }
        (json, self.id, self.token) = (job, id, token)
    }

    /// What names the run in every word about it.
    var lease: JSONObject { ["jobId": .string(id), "token": .string(token)] }
}
