package import JobModel

extension Job {
    /// Which members an encoded job has.
    package enum Form: Sendable {
        case whole
        /// Without `result` and `artifacts`, as in lists.
        case listed
    }

    /// Appends the job as clients see it, on one line.
    ///
    /// This is the only place that knows its shape. Written member by member, because every change of a job is encoded once for all who read it.
    package func encode(_ form: Form = .whole, into bytes: inout [UInt8]) {
        var out = ObjectWriter(bytes: bytes)
        bytes = []
        out.string("jobId", jobId.description)
        out.string("jobType", jobType)
        out.string("status", status.rawValue)
        out.raw("progress", JSONValue(progress).text)
        out.string("step", step)
        out.string("message", message)
        out.string("queue", queue)
        out.raw("priority", String(priority))
        out.raw("attempt", String(attempt))
        out.raw("crashes", String(crashes))
        out.raw("maxAttempts", String(maxAttempts))
        out.string("runner", runner?.rawValue)
        out.raw("version", String(version))
        out.moment("createdAt", createdAt)
        out.moment("updatedAt", updatedAt)
        out.moment("startedAt", startedAt)
        out.moment("finishedAt", finishedAt)
        out.moment("runAt", runAt)
        out.moment("cancelRequestedAt", cancelRequestedAt)
        out.value("files", .array(files.map(\.json)))
        out.raw("metadata", metadata.text)
        if form == .whole { out.raw("result", result?.text ?? "null") }
        out.value("error", error?.json ?? .null)
        if form == .whole { out.value("artifacts", .array(artifacts.map { $0.json(of: jobId) })) }
        bytes = out.end()
    }

    package func encoded(_ form: Form = .whole) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768)
        encode(form, into: &bytes)
        return bytes
    }

    package var json: JSONValue { (try? JSONValue.parse(encoded())) ?? .null }
}

extension Artifact {
    fileprivate func json(of jobId: JobID) -> JSONValue {
        guard case .object(var object) = json else { return .null }
        object["href"] = .string("/api/jobs/\(jobId)/artifacts/\(name)")
        return .object(object)
    }
}

extension JSONValue {
    /// The minified text.
    package var text: String { JSONText(self).text }

    /// The minified text's bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }
}

/// Appends the members of one JSON object.
private struct ObjectWriter {
    private(set) var bytes: [UInt8]
    private var isFirst = true

    init(bytes: [UInt8]) {
        self.bytes = bytes
        self.bytes.append(UInt8(ascii: "{"))
    }

    mutating func end() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// A member whose value is JSON already.
    mutating func raw(_ key: StaticString, _ text: String) {
        name(key)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func string(_ key: StaticString, _ text: String?) {
        name(key)
        if let text {
            JSONValue.write(string: text, into: &bytes)
        } else {
            bytes.append(contentsOf: "null".utf8)
        }
    }

    mutating func moment(_ key: StaticString, _ moment: Timestamp?) {
        string(key, moment?.description)
    }

    mutating func value(_ key: StaticString, _ value: JSONValue) {
        name(key)
        value.write(into: &bytes)
    }

    private mutating func name(_ key: StaticString) {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(contentsOf: #"":"#.utf8)
    }
}
