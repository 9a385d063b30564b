import ArgumentParser
import JSON
import JobModel
import JobWire

/// Which jobs a verb is about, where it names none by their ids.
struct JobFilter: ParsableArguments {
    @Option(
        help: "Jobs in these states, separated by commas: \(JobStatus.words).",
        completion: .list(JobStatus.allCases.map(\.rawValue)))
    var status: String?

    @Option(help: "Jobs of this queue.", completion: Completion.queues)
    var queue: String?

    @Option(name: .customLong("type"), help: "Jobs of this type.")
    var jobType: String?

    @Option(help: "Jobs of this owner.")
    var owner: String?

    @Option(
        name: [.customShort("s"), .long],
        help: "Jobs whose id begins with it, or whose file names, message or error contain it.")
    var search: String?

    @Option(help: "Jobs that were created since 2h or 7d ago, or since a time such as 2026-11-23T12:00:00Z.")
    var since: String?

    @Option(help: "Jobs that were created before 2h or 7d ago, or before such a time.")
    var until: String?

    /// The parameters of the protocol.
    var params: JSONObject {
        var params = JSONObject()
        params["status"] = status.map(JSONValue.string)
        params["queue"] = queue.map(JSONValue.string)
        params["jobType"] = jobType.map(JSONValue.string)
        params["owner"] = owner.map(JSONValue.string)
        params["q"] = search.map(JSONValue.string)
        params["createdSince"] = since.flatMap(Moment.text).map(JSONValue.string)
        params["createdBefore"] = until.flatMap(Moment.text).map(JSONValue.string)
        return params
    }

    func validate() throws {
        try JobStatus.check(status)
        try Moment.check(since, "--since")
        try Moment.check(until, "--until")
    }
}

/// A moment as people write it: how long ago, or when.
enum Moment {
    /// As the protocol has it; nil when it is neither.
    static func text(_ written: String) -> String? {
        if let age = Span.parse(written) { return (Timestamp.now + (.zero - age)).description }
        return Timestamp(written)?.description
    }

    static func check(_ written: String?, _ option: String) throws(ValidationError) {
        guard let written, text(written) == nil else { return }
        throw ValidationError(
            "\(option) is how long ago, such as 30m, 2h or 7d, or a time such as 2026-11-23T12:00:00Z.")
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
