import JSON
import JobModel

/// What a creation may ask for a job's life, and batches of them.
extension Fields {
    mutating func terms() throws(Refusal) -> JobTerms {
        var terms = JobTerms.usual
        terms.after = try after()
        if let word = try string("afterPolicy") {
            guard let policy = JobTerms.AfterPolicy(rawValue: word) else {
                throw Self.wrong("afterPolicy", "must be \"completed\" or \"ended\"")
            }
            terms.afterPolicy = policy
        }
        terms.limitKey = try key("limitKey").map { JobKey($0) }
        terms.dedupeKey = try key("dedupeKey").map { JobKey($0) }
        if let name = try string("webhook") {
            guard let name = WebhookName(name) else { throw Self.wrong("webhook", "is not the name of a webhook") }
            terms.webhook = name
        }
        if let value = value("retry") {
            terms.retry = try Self.object(at: "/retry", value) { (fields) throws(Refusal) in
                RetryPolicy(delay: try fields.span("delay"), maximumDelay: try fields.span("maximumDelay"))
            }
        }
        if let value = value("timeouts") {
            terms.timeouts = try Self.object(at: "/timeouts", value) { (fields) throws(Refusal) in
                var limits = TimeLimits()
                for kind in TimeLimits.Kind.allCases { limits[kind] = try fields.span(kind.rawValue) }
                return limits
            }
        }
        return terms
    }

    private mutating func after() throws(Refusal) -> [JobID] {
        guard let value = value("after") else { return [] }
        guard let elements = value.array, elements.count <= Limits.dependencies else {
            throw Self.wrong("after", "must be a list of at most \(Limits.dependencies) job ids")
        }
        var ids: [JobID] = []
        var known: Set<JobID> = []
        for (index, element) in elements.enumerated() {
            let id = try Self.jobId(element, at: "/after/\(index)")
            guard known.insert(id).inserted else { throw Self.wrong("after", "names the job \(id) twice") }
            ids.append(id)
        }
        return ids
    }

    private mutating func key(_ name: String) throws(Refusal) -> String? {
        guard let key = try text(name, limit: Limits.keyBytes) else { return nil }
        guard !key.isEmpty else { throw Self.wrong(name, "is empty") }
        return key
    }

    /// A span as people write it, `10m`.
    private mutating func span(_ name: String) throws(Refusal) -> Duration? {
        guard let text = try string(name) else { return nil }
        guard let span = Span.parse(text), Limits.spans.contains(span) else {
            throw Self.wrong(
                name,
                "must be a span such as \"90s\", \"10m\" or \"24h\", from 1ms to \(Span.text(Limits.spans.upperBound))")
        }
        return span
    }

    // MARK: Batches

    mutating func batchId() throws(Refusal) -> BatchID {
        try Self.batchId(try require("batchId"))
    }

    private static func batchId(_ value: JSONNode) throws(Refusal) -> BatchID {
        guard let id = value.string.flatMap(BatchID.init) else { throw wrong("batchId", "is not the id of a batch") }
        return id
    }

    mutating func batch(_ makeJobId: () -> JobID) throws(Refusal) -> BatchCreation {
        let id: BatchID
        if let value = value("batchId") {
            id = try Self.batchId(value)
        } else {
            id = BatchID(like: makeJobId())
        }
        let metadata = try object("metadata", limit: Limits.metadataBytes) ?? .emptyObject
        guard let elements = try require("jobs").array, Limits.batchJobs.contains(elements.count) else {
            throw Self.wrong(
                "jobs", "must be a list of \(Limits.batchJobs.lowerBound) to \(Limits.batchJobs.upperBound) jobs")
        }
        var jobs: [Creation] = []
        for (index, element) in elements.enumerated() {
            jobs.append(try Self.creation(element, at: "/jobs/\(index)", makeJobId))
        }
        let then = try value("then").map { (value) throws(Refusal) in
            try Self.creation(value, at: "/then", makeJobId)
        }
        return BatchCreation(batchId: id, metadata: metadata, jobs: jobs, then: then)
    }

    private static func creation(
        _ value: JSONNode, at pointer: String, _ makeJobId: () -> JobID
    ) throws(Refusal) -> Creation {
        try object(at: pointer, value) { (fields) throws(Refusal) in
            let creation = try fields.creation(makeJobId)
            guard !creation.existing.isRejected else {
                throw wrong("onConflict", "has no meaning here: an id that exists is refused")
            }
            return creation
        }
    }
}
