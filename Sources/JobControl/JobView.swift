import JSON
import JobModel

/// A job as the daemon sent it, for printing.
struct JobView: Sendable {
    let json: JSONValue

    var id: String { json["jobId"]?.string ?? "" }
    var status: JobStatus? { json["status"]?.string.flatMap(JobStatus.init) }
    var statusWord: String { json["status"]?.string ?? "?" }
    var version: Int64 { json["version"]?.integer ?? 0 }
    var attempt: Int64 { json["attempt"]?.integer ?? 0 }
    var progress: Double { json["progress"]?.double ?? 0 }
    var percent: String { "\(Int(progress.rounded(.down)))%" }
    var isFinal: Bool { status?.isFinal ?? false }

    /// Where the job stands, in words.
    var remark: String {
        let error = status == .processing ? nil : json["error"]?["message"]?.string
        let message = json["message"]?.string
        // Of a cancelled job people want to know why it was cancelled, not how its step ended.
        return (status == .cancelled ? message ?? error : error ?? message) ?? json["step"]?.string ?? ""
    }

    /// What `wait`, `follow` and `submit --wait` end with.
    var exitCode: Int32 {
        switch status {
        case .completed: 0
        case .cancelled: Exit.cancelled
        case .failed, .pending, .blocked, .scheduled, .queued, .processing, nil: Exit.failure
        }
    }

    /// Prints the job as the options want it.
    func print(_ options: CommonOptions) {
        if options.json { return Output.json(json) }
        if options.quiet { return Output.line(id) }
        for line in lines { Output.line(line) }
    }

    /// A line for each fact about it; what is null or empty is left out.
    private var lines: [String] {
        (json.object?.members ?? []).flatMap { member -> [String] in
            switch (member.key, member.value) {
            case (_, .null): []
            case (_, .array(let items)) where items.isEmpty: []
            case (_, .object(let object)) where object.members.isEmpty: []
            case ("status", .string(let word)): ["status: \(Paint.output.status(word))"]
            case ("earlierAttempts", .array(let attempts)): attempts.map(Self.lineOfEarlier)
            case ("files", .array(let files)): files.map { Self.line("file", of: $0, "fileId") }
            case ("artifacts", .array(let artifacts)): artifacts.map { Self.line("artifact", of: $0, nil) }
            case ("after", .array(let ids)):
                ["after: " + Output.printable(ids.compactMap(\.string).joined(separator: " "))]
            case (let key, let value): Outline.lines(key, value)
            }
        }
    }

    /// A file or an artifact: its name, size and media type, and its id where it has one.
    private static func line(_ word: String, of file: JSONValue, _ id: String?) -> String {
        let parts = [
            file["name"]?.string, file["size"]?.integer.map { "\($0) bytes" }, file["mediaType"]?.string,
            id.flatMap { file[$0]?.string },
        ]
        return "\(word): \(Output.printable(parts.compactMap { $0 }.joined(separator: ", ")))"
    }

    private static func lineOfEarlier(_ attempt: JSONValue) -> String {
        let number = attempt["attempt"]?.integer ?? 0
        let (error, finishedAt) = (attempt["error"], attempt["finishedAt"]?.string ?? "")
        let end = error?["message"]?.string.map { "\(error?["code"]?.string ?? ""): \($0)" } ?? "it did not fail"
        return "attempt \(number), until \(finishedAt): \(Output.printable(end))"
    }

    /// Prints the job on one line.
    func printLine(_ options: CommonOptions) {
        if options.json { return Output.json(json) }
        if options.quiet { return Output.line(id) }
        Output.line("\(id) \(Paint.output.status(statusWord)) \(percent) \(Output.printable(remark))".trimmed)
    }
}

extension String {
    /// Without spaces at its end.
    var trimmed: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
