package import JSON

/// What a new job is to be.
package struct Creation: Hashable, Sendable {
    /// The earliest start; a moment in the past means at once.
    package enum Start: Hashable, Sendable {
        case at(Timestamp)
        case after(Duration)
    }

    /// Chosen by the client or the front before the first try, so that a second try finds the first one's job.
    package var jobId: JobID
    /// `file_processing` when nil.
    package var jobType: String?
    /// Whose it shall be when it is not to be of who asks.
    package var owner: String?
    /// The pipeline's, or `default`, when nil.
    package var queue: String?
    /// One of ``Limits/priorities``; 0 when nil.
    package var priority: Int?
    /// The pipeline's when nil.
    package var maxAttempts: Int?
    /// As soon as it has input when nil.
    package var start: Start?
    /// A sentence for people, of at most ``Limits/textBytes``; nil: none yet.
    package var message: String?
    /// What it is done with.
    package var input: Input
    /// What is done when there is such a job already.
    package var existing: Existing
    /// What was asked for its life; the pipeline adds what it asks.
    @Boxed package var terms: JobTerms

    /// Asks for the usual where nothing is said; nothing is checked, which the wire does.
    package init(
        jobId: JobID, jobType: String? = nil, message: String? = nil, metadata: JSONText? = nil, queue: String? = nil,
        priority: Int? = nil, start: Start? = nil, maxAttempts: Int? = nil, fileIds: [FileID]? = nil,
        rejectsExisting: Bool = false, traceParent: TraceParent? = nil, owner: String? = nil,
        terms: JobTerms = .usual, dedupeSeconds: Int? = nil
    ) {
        self.jobId = jobId
        self.jobType = jobType
        self.owner = owner
        self.queue = queue
        self.priority = priority
        self.maxAttempts = maxAttempts
        self.start = start
        self.message = message
        input = Input(fileIds: fileIds, metadata: metadata, traceParent: traceParent)
        existing = Existing(isRejected: rejectsExisting, dedupeSeconds: dedupeSeconds)
        self.terms = terms
    }

    /// What it is done with.
    package struct Input: Hashable, Sendable {
        /// Nil means that they come later, an empty list that there are none to come.
        package var fileIds: [FileID]?
        /// An object; nil for an empty one, or for what there is already.
        package var metadata: JSONText?
        /// The span of the request that asked for it, handed on to steps and workers; nil: a new trace.
        package var traceParent: TraceParent?
    }

    /// What is done when there is such a job already.
    package struct Existing: Hashable, Sendable {
        /// Whether an id that exists is an error instead of an answer.
        package var isRejected = false
        /// The version that the job has to have already; nil where there need not be one.
        package var version: Int64?
        /// How long after its end a job with the same dedupe key is taken for this one.
        package var dedupeSeconds: Int?
    }
}
