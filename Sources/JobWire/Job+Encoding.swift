package import JSON
package import JobModel

extension Job {
    /// Which members an encoded job has.
    package enum Form: Sendable {
        case whole
        /// Without `result`, `artifacts` and `earlierAttempts`, as in lists.
        case listed
    }

    /// Appends the job as clients see it, on one line.
    ///
    /// This is the only place that knows its shape. Written member by member, because every change of a job is encoded once
    /// for all who read it.
    package func encode(_ form: Form = .whole, into bytes: inout [UInt8]) {
        // Nearly always the usual, which need not be copied.
        let (terms, lease, outcome) = (asked.$terms.unusual, $lease.unusual, $outcome.unusual)
        let (runs, progress) = (self.runs, self.progress)
        bytes.append(#"{"jobId":"#, string: jobId.description)
        // Early, because a front reads as far as this for each answer and each change of a stream.
        bytes.append(#","version":"#, number: version)
        bytes.append(#","jobType":"#, string: asked.jobType)
        bytes.append(#","owner":"#, string: asked.owner)
        bytes.append(#","status":"#, string: status.rawValue)
        bytes.append(#","progress":"#, number: progress.percent)
        bytes.append(#","step":"#, string: progress.step)
        bytes.append(#","message":"#, string: progress.message)
        bytes.append(#","queue":"#, string: asked.queue)
        bytes.append(#","priority":"#, number: asked.priority)
        bytes.append(#","attempt":"#, number: runs.attempt)
        bytes.append(#","crashes":"#, number: runs.crashes)
        bytes.append(#","releases":"#, number: runs.releases)
        bytes.append(#","run":"#, number: runs.last)
        bytes.append(#","maxAttempts":"#, number: asked.maxAttempts)
        bytes.append(#","runner":"#, string: lease?.runner?.rawValue)
        bytes.append(#","worker":"#, string: lease?.worker)
        bytes.append(#","createdAt":"#, moment: times.createdAt)
        bytes.append(#","updatedAt":"#, moment: times.updatedAt)
        bytes.append(#","startedAt":"#, moment: times.startedAt)
        bytes.append(#","finishedAt":"#, moment: times.finishedAt)
        bytes.append(#","runAt":"#, moment: times.runAt)
        bytes.append(#","leaseExpiresAt":"#, moment: lease?.expiresAt)
        bytes.append(#","cancelRequestedAt":"#, moment: times.cancelRequestedAt)
        bytes.append(#","limitKey":"#, string: terms?.limitKey?.key)
        bytes.append(#","dedupeKey":"#, string: terms?.dedupeKey?.key)
        bytes.append(#","after":"#, ids: terms?.after ?? [])
        bytes.append(#","batchId":"#, string: (terms?.batchId ?? terms?.follows)?.description)
        bytes.append(#","schedule":"#, string: terms?.schedule?.description)
        if form == .whole { bytes.append(#","earlierAttempts":"#, values: runs.earlier, \.json) }
        bytes.append(#","files":"#, values: input.files, \.json)
        bytes.append(#","metadata":"#, json: input.metadata)
        if form == .whole { bytes.append(#","result":"#, json: outcome?.result) }
        bytes.append(#","error":"#, json: (outcome?.error).map { JSONText($0.json) })
        if form == .whole { bytes.append(#","artifacts":"#, values: outcome?.artifacts ?? []) { $0.json(of: jobId) } }
        bytes.append("}")
    }

    /// The job as JSON, without a line's end.
    package func encoded(_ form: Form = .whole) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768)
        encode(form, into: &bytes)
        return bytes
    }

    /// The job as a value, for what wraps it in something else; encodes it and reads it again.
    package var json: JSONValue { (try? JSONValue.parse(encoded())) ?? .null }
}

extension Explanation {
    /// As `jobs.explain` answers.
    package var json: JSONValue {
        [
            "jobId": .string(jobId.description), "status": .string(status.rawValue),
            "because": .string(because.rawValue), "text": .string(text),
            "position": position.map { JSONValue($0) } ?? .null,
            "estimateSeconds": estimate.map { JSONValue($0.components.seconds) } ?? .null,
            "by": .array(by.map { .string($0.description) }),
        ]
    }
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
        bytes.reserveCapacity(256)
        write(into: &bytes)
        return bytes
    }
}

/// The members of an encoded job: what stands before the value, as it is, and the value.
extension [UInt8] {
    fileprivate mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func append(_ name: StaticString, string text: String?) {
        append(name)
        if let text { JSONValue.write(string: text, into: &self) } else { append("null") }
    }

    fileprivate mutating func append(_ name: StaticString, number: some FixedWidthInteger) {
        append(name)
        if number >= 0, number < 10 {
            append(UInt8(ascii: "0") + UInt8(number))
        } else {
            append(contentsOf: String(number).utf8)
        }
    }

    fileprivate mutating func append(_ name: StaticString, number: Int64?) {
        if let number { return append(name, number: number) }
        append(name)
        append("null")
    }

    fileprivate mutating func append(_ name: StaticString, number: Double) {
        if let whole = Int64(exactly: number) { return append(name, number: whole) }
        append(name)
        append(contentsOf: JSONValue(number).text.utf8)
    }

    fileprivate mutating func append(_ name: StaticString, moment: Timestamp?) {
        append(name)
        guard let moment else { return append("null") }
        append(UInt8(ascii: "\""))
        moment.write(into: &self)
        append(UInt8(ascii: "\""))
    }

    fileprivate mutating func append(_ name: StaticString, json: JSONText?) {
        append(name)
        if let json { append(contentsOf: json.text.utf8) } else { append("null") }
    }

    fileprivate mutating func append(_ name: StaticString, ids: [JobID]) {
        append(name)
        guard !ids.isEmpty else { return append("null") }
        JSONValue.array(ids.map { .string($0.description) }).write(into: &self)
    }

    fileprivate mutating func append<Part>(
        _ name: StaticString, values: [Part], _ json: (Part) -> JSONValue
    ) {
        append(name)
        if values.isEmpty { append("[]") } else { JSONValue.array(values.map(json)).write(into: &self) }
    }
}
