import JSON
import JobModel

/// What an application or a worker says of a job.
extension Fields {
    mutating func update() throws(Refusal) -> Update {
        var update = Update()
        if let word = try string("status") {
            guard let status = Update.Status(rawValue: word) else {
                throw Self.wrong("status", "must be processing, completed or failed")
            }
            update.status = status
        }
        update.progress = try number("progress", in: 0...100)
        update.step = try settableText("step")
        update.message = try settableText("message")
        update.metadata = try patch("metadata", limit: Limits.metadataPatchBytes)
        update.result = try settableResult()
        update.error = try value("error").map { (json) throws(Refusal) in
            try Self.object(at: "/error", json) { (fields) throws(Refusal) in try fields.jobFailure() }
        }
        update.leaseSeconds = try integer("leaseSeconds", in: Limits.leaseSeconds)
        update.lines = try lines()
        update.priority = try integer("priority", in: Limits.priorities)
        if has("runAt") { update.runAt = .set(try moment("runAt")) }
        update.run = try integer("run", in: 1...Int64.max)
        return update
    }

    private mutating func settableResult() throws(Refusal) -> Field<JSONText> {
        guard has("result") else { return .absent }
        return .set(try json("result", limit: Limits.resultBytes))
    }

    mutating func lines() throws(Refusal) -> [Update.Line] {
        guard let value = value("lines") else { return [] }
        guard let elements = value.array, elements.count <= Limits.reportLines else {
            throw Self.wrong("lines", "must be a list of at most \(Limits.reportLines) lines")
        }
        var lines: [Update.Line] = []
        for (index, element) in elements.enumerated() {
            lines.append(
                try Self.object(at: "/lines/\(index)", element) { (fields) throws(Refusal) in try fields.line() })
        }
        return lines
    }

    private mutating func line() throws(Refusal) -> Update.Line {
        guard let stream = try string("stream").flatMap(Update.Line.Stream.init) else {
            throw Self.wrong("stream", "must be stdout or stderr")
        }
        guard let text = try string("text"), text.utf8.count <= Limits.lineBytes else {
            throw Self.wrong("text", "must have at most \(Limits.lineBytes) bytes")
        }
        return Update.Line(stream: stream, text: text)
    }

    mutating func jobFailure() throws(Refusal) -> JobFailure {
        guard let code = try string("code"), (1...64).contains(code.utf8.count),
            code.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) })
        else {
            throw Self.wrong("code", "must be 1 to 64 of a-z 0-9 -")
        }
        return JobFailure(
            code: code, message: try text("message") ?? "It failed with the code \(code).", step: try text("step"),
            exitCode: try integer("exitCode", in: Int(Int32.min)...Int(Int32.max)), signal: try text("signal"),
            cause: try text("cause", limit: 16 * 1024))
    }
}
