package import JSON

/// A job as everybody sees it, and the few facts that only the daemon and the stores see.
///
/// A new field that is shown touches five places, which the tests of a job's fields name; one that is given, more (Architecture).
package struct Job: Hashable, Sendable {
    /// Its id for everybody, from its making on; not given to another job, even after it is deleted.
    package let jobId: JobID
    /// What is to be done; as a rule the name of a pipeline, of at most ``Limits/jobTypeBytes``.
    package let jobType: String
    /// Whose job it is, from its making on; nil for nobody's.
    package let owner: String?
    /// Whose quota it uses up; nil for one that counts in the totals only.
    package let account: Account?
    /// Where in its life it is; only `JobMap` changes it.
    package var status: JobStatus
    /// 0 to 100, never falling within an attempt.
    package var progress: Double
    /// The step that runs or ran last; at most ``Limits/textBytes``.
    package var step: String?
    /// A sentence for people; at most ``Limits/textBytes``.
    package var message: String?
    /// In whose places it runs; one that the configuration has lost since has a single place.
    package let queue: String
    /// −100 to 100; a higher one gets its place earlier.
    package var priority: Int
    /// Starts so far, those after a crash included; 0 before the first.
    package var attempt: Int
    /// Starts that were lost: the daemon or its machine went without a word.
    package var crashes: Int
    /// Starts that were given back: the daemon was stopped while the job ran.
    package var releases: Int
    /// The number of the last start: rises with each, across retries too, and is never given twice; nil before the first.
    package var run: Int64?
    /// The job is tried again while ``countedAttempts`` is below this; at least 1.
    package let maxAttempts: Int
    /// Nil until it starts.
    package var runner: Runner?
    /// What the worker that runs or ran it calls itself.
    package var worker: String?
    /// 1 when created; rises with every visible change.
    package var version: Int64
    /// When it was decided to make it.
    package let createdAt: Timestamp
    /// When ``version`` rose last.
    package var updatedAt: Timestamp
    /// When the present or last run began; nil before the first one, and again after a retry until it runs.
    package var startedAt: Timestamp?
    /// When it got its final state; nil until then, and again after a retry.
    package var finishedAt: Timestamp?
    /// Not to be started before this.
    package var runAt: Timestamp?
    /// How long the application or the worker that runs it may be silent; nil when it did not say, and for a worker that
    /// holds it as long as its connection.
    package var leaseSeconds: Int?
    /// When the application or the worker that runs it was heard last.
    package var heardAt: Timestamp?
    /// When it began to wait for a place last.
    package var queuedAt: Timestamp?
    /// When it was retried last.
    package var retriedAt: Timestamp?
    /// Set while a running job is being ended; kept afterwards.
    package var cancelRequestedAt: Timestamp?
    /// The runs before the present one, oldest first; the last ``Limits/keptRuns``.
    package var earlierAttempts: [EarlierAttempt]
    /// Its input, in the order in which it was given; at most ``Limits/files``.
    package var files: [JobFile]
    /// An object; at most ``Limits/metadataBytes``.
    package var metadata: JSONText
    /// At most ``Limits/resultBytes``.
    package var result: JSONText?
    /// Why it, or its last attempt, failed, or how a cancel ended its step; nil from its next start on.
    @Boxed package var error: JobFailure?
    /// What its last run made that ended, at most ``Limits/artifacts``; empty again after a retry.
    package var artifacts: [Artifact]
    /// What was asked beside the work: limits, keys, and what it waits for.
    package var terms: JobTerms {
        get { ownTerms ?? JobTerms() }
        set { ownTerms = newValue.isEmpty ? nil : newValue }
    }
    /// Nil for the usual ones.
    @Boxed private var ownTerms: JobTerms?

    /// The place in the order of creation; unique, larger for later jobs.
    package let number: Int64
    /// Counts stored states, visible or not; a store refuses a change of any other revision than its own.
    package var revision: Int64
    /// Whether input was given, and is whole; a job may have input that is not files.
    package var hasInput: Bool
    /// Numbered log lines so far.
    package var lineCount: Int64
    /// The token of the worker that holds it, or held it last: what ended its run may be said again with it.
    package var leaseToken: LeaseToken?
    /// The trace to which the request belongs that gave the job its input, or else made it.
    package var traceParent: TraceParent?

    /// Takes each field as it is; nothing is checked, and nothing follows from another.
    package init(
        jobId: JobID, jobType: String, status: JobStatus, progress: Double, step: String?, message: String?,
        queue: String, priority: Int, attempt: Int, crashes: Int, releases: Int, run: Int64?, maxAttempts: Int,
        runner: Runner?, worker: String? = nil, version: Int64, createdAt: Timestamp, updatedAt: Timestamp,
        startedAt: Timestamp?,
        finishedAt: Timestamp?,
        runAt: Timestamp?, leaseSeconds: Int?, heardAt: Timestamp?, cancelRequestedAt: Timestamp?,
        earlierAttempts: [EarlierAttempt], files: [JobFile], metadata: JSONText, result: JSONText?, error: JobFailure?,
        artifacts: [Artifact], number: Int64, revision: Int64, hasInput: Bool, lineCount: Int64,
        leaseToken: LeaseToken? = nil, traceParent: TraceParent? = nil, owner: String? = nil,
        terms: JobTerms = JobTerms(), queuedAt: Timestamp? = nil, retriedAt: Timestamp? = nil,
        account: Account? = nil
    ) {
        self.jobId = jobId
        self.jobType = jobType
        self.owner = owner
        self.account = account
        self.status = status
        self.progress = progress
        self.step = step
        self.message = message
        self.queue = queue
        self.priority = priority
        self.attempt = attempt
        self.crashes = crashes
        self.releases = releases
        self.run = run
        self.maxAttempts = maxAttempts
        self.runner = runner
        self.worker = worker
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.runAt = runAt
        self.leaseSeconds = leaseSeconds
        self.heardAt = heardAt
        self.cancelRequestedAt = cancelRequestedAt
        self.earlierAttempts = earlierAttempts
        self.files = files
        self.metadata = metadata
        self.result = result
        self.error = error
        self.artifacts = artifacts
        self.number = number
        self.revision = revision
        self.hasInput = hasInput
        self.lineCount = lineCount
        self.leaseToken = leaseToken
        self.traceParent = traceParent
        ownTerms = terms.isEmpty ? nil : terms
        self.queuedAt = queuedAt
        self.retriedAt = retriedAt
    }

    /// When the lease of whoever runs it ends, unless it is heard before; nil without one.
    package var leaseExpiresAt: Timestamp? {
        guard let leaseSeconds, let heardAt else { return nil }
        return heardAt + .seconds(leaseSeconds)
    }

    /// Whether anybody outside can see a difference: not, when somebody without a lease in seconds was heard and said
    /// nothing new.
    func isShownOtherwise(than other: Job) -> Bool {
        if heardAt == other.heardAt || leaseSeconds != nil { return self != other }
        var same = self
        same.heardAt = other.heardAt
        return same != other
    }

    /// Whether its input was named, and has not come whole.
    package var awaitsBytes: Bool { !hasInput && files.contains { !$0.isWhole } }

    /// Starts that neither a crash nor a stop took.
    package var countedAttempts: Int { attempt - crashes - releases }
}

/// A file of a job, as it was uploaded.
package struct JobFile: Hashable, Sendable {
    /// Under which the bytes lie in `files/`, or come in `files/partial/`.
    package let fileId: FileID
    /// What its sender calls it; shown, never used as a path.
    package let name: String
    /// In bytes.
    package let size: Int64
    /// Found from the content; while that has not come whole, what its sender says.
    package let mediaType: String
    /// 64 lower-case hexadecimal digits; nil while it has not come whole.
    package let sha256: String?

    package init(fileId: FileID, name: String, size: Int64, mediaType: String, sha256: String?) {
        self.fileId = fileId
        self.name = name
        self.size = size
        self.mediaType = mediaType
        self.sha256 = sha256
    }

    /// Whether all of its bytes have come; the digest is known from then on.
    package var isWhole: Bool { sha256 != nil }

    /// Whether both have the same name and content, whatever their ids; of what has not come whole only the ids can tell.
    package func isSameInput(as other: JobFile) -> Bool {
        guard let sha256, let otherDigest = other.sha256 else { return fileId == other.fileId }
        return name == other.name && size == other.size && sha256 == otherDigest
    }
}

/// A file that a job's steps made.
package struct Artifact: Hashable, Sendable {
    /// Unique within its job: another of the same name takes its place.
    package let name: ArtifactName
    /// As the step said it, or as the content shows.
    package let mediaType: String
    /// In bytes.
    package let size: Int64
    /// 64 lower-case hexadecimal digits.
    package let sha256: String

    package init(name: ArtifactName, mediaType: String, size: Int64, sha256: String) {
        self.name = name
        self.mediaType = mediaType
        self.size = size
        self.sha256 = sha256
    }
}

/// Why a job failed.
package struct JobFailure: Hashable, Sendable {
    /// One of jobd's own codes (``Code``), or the application's: `[a-z0-9-]{1,64}`.
    package let code: String
    /// A sentence for people.
    package let message: String
    /// The step that failed.
    package var step: String?
    /// For ``Code/exit``.
    package let exitCode: Int?
    /// For ``Code/signal``: its name, `SIGSEGV`.
    package let signal: String?
    /// Free text from below, such as the last lines that a program wrote.
    package let cause: String?

    /// The codes that jobd gives.
    package enum Code: String, Sendable {
        case exit, signal, timeout, silence
        case outputLimit = "output-limit"
        case memory
        case missingProgram = "missing-program"
        case rejected, lost
        /// An application was not heard of.
        case silent
        /// A job that it waited for did not end as it had to.
        case dependency
    }

    package init(
        code: String, message: String, step: String? = nil, exitCode: Int? = nil, signal: String? = nil,
        cause: String? = nil
    ) {
        self.code = code
        self.message = message
        self.step = step
        self.exitCode = exitCode
        self.signal = signal
        self.cause = cause
    }

    /// For a reason that jobd gives itself.
    package init(
        _ code: Code, message: String, step: String? = nil, exitCode: Int? = nil, signal: String? = nil,
        cause: String? = nil
    ) {
        self.init(
            code: code.rawValue, message: message, step: step, exitCode: exitCode, signal: signal, cause: cause)
    }
}

/// A line that a step wrote.
package struct LogLine: Hashable, Sendable {
    /// From 1, rising within a job, across retries too; 0 until the map has numbered it.
    package var number: Int64
    /// The ``Job/run`` that wrote it; 0 until the map has numbered it, and for what was stored before runs had numbers.
    package var run: Int64
    /// When the step wrote it, or when the daemon heard of it.
    package let at: Timestamp
    /// The step that wrote it; empty for what belongs to none.
    package let step: String
    /// `stdout`, `stderr`, or `jobd` for what the daemon has to say.
    package let stream: String
    /// Without its line feed; at most ``Limits/lineBytes`` from an application.
    package let text: String

    package init(number: Int64 = 0, run: Int64 = 0, at: Timestamp, step: String, stream: String, text: String) {
        self.number = number
        self.run = run
        self.at = at
        self.step = step
        self.stream = stream
        self.text = text
    }
}
