import JSON
import JobModel

/// What a new job is to be.
extension Fields {
    /// Files that a job is to process, which is made when it is missing.
    mutating func process(_ makeJobId: () -> JobID) throws(Refusal) -> Creation {
        var creation = Creation(jobId: try newJobId(makeJobId))
        try readCommon(into: &creation)
        guard creation.input.fileIds != nil else { throw Self.wrong("fileIds", "is missing") }
        creation.existing.version = try ifVersion()
        return creation
    }

    /// What every request for a job may say.
    private mutating func readCommon(into creation: inout Creation) throws(Refusal) {
        creation.jobType = try jobType()
        creation.message = try text("message")
        creation.input.metadata = try object("metadata", limit: Limits.metadataBytes)
        creation.input.fileIds = try fileIds()
        creation.input.traceParent = try traceParent()
    }

    private mutating func newJobId(_ makeJobId: () -> JobID) throws(Refusal) -> JobID {
        guard let value = value("jobId") else { return makeJobId() }
        return try Self.jobId(value, at: "/jobId")
    }

    /// A new job.
    mutating func creation(_ makeJobId: () -> JobID) throws(Refusal) -> Creation {
        var creation = Creation(jobId: try newJobId(makeJobId))
        try readCommon(into: &creation)
        creation.owner = try owner()
        creation.queue = try text("queue")
        creation.priority = try integer("priority", in: Limits.priorities)
        creation.maxAttempts = try integer("maxAttempts", in: Limits.maxAttempts)
        creation.start = try start()
        creation.terms = try terms()
        creation.existing.dedupeSeconds = try integer("dedupeSeconds", in: Limits.dedupeSeconds)
        if creation.existing.dedupeSeconds != nil, creation.terms.dedupeKey == nil {
            throw Self.wrong("dedupeSeconds", "needs a dedupeKey beside it")
        }
        switch try string("onConflict") {
        case nil, "return": break
        case "reject": creation.existing.isRejected = true
        default: throw Self.wrong("onConflict", "must be \"return\" or \"reject\"")
        }
        return creation
    }

    mutating func jobType() throws(Refusal) -> String? {
        guard let type = try text("jobType", limit: Limits.jobTypeBytes) else { return nil }
        guard !type.isEmpty else { throw Self.wrong("jobType", "is empty") }
        return type
    }

    private mutating func traceParent() throws(Refusal) -> TraceParent? {
        guard let text = try string("traceparent") else { return nil }
        guard let parent = TraceParent(text) else { throw Self.wrong("traceparent", "is not one of W3C Trace Context") }
        return parent
    }

    private mutating func start() throws(Refusal) -> Creation.Start? {
        let moment = try moment("runAt")
        let delay = try number("delaySeconds", in: 0...315_360_000)
        switch (moment, delay) {
        case (nil, nil): return nil
        case (let moment?, nil): return .at(moment)
        case (nil, let delay?): return .after(.milliseconds(Int64(delay * 1000)))
        case (.some, .some): throw Self.wrong("delaySeconds", "cannot stand beside /runAt")
        }
    }

    private mutating func fileIds() throws(Refusal) -> [FileID]? {
        guard let value = value("fileIds") else { return nil }
        guard let elements = value.array, elements.count <= Limits.files else {
            throw Self.wrong("fileIds", "must be a list of at most \(Limits.files) file ids")
        }
        var ids: [FileID] = []
        var known: Set<FileID> = []
        for (index, element) in elements.enumerated() {
            let id = try Self.fileId(element, at: "/fileIds/\(index)")
            guard known.insert(id).inserted else { throw Self.wrong("fileIds", "names the file \(id) twice") }
            ids.append(id)
        }
        return ids
    }
}
