package import JobModel

/// A request's method and parameters, checked.
package enum Call: Hashable, Sendable {
    /// Everything that changes jobs, files or queues.
    case command(Command)
    case getJob(JobID, since: Int64, wait: Duration)
    case explainJob(JobID)
    case changeJobs(BulkChange)
    case getBatch(BatchID)
    case listJobs(JobQueryFields)
    /// Nil for `jobIds` means all jobs, of one queue if it is given; their versions in `since` are known already.
    case watch(jobIds: [JobID]?, queue: String?, since: [JobID: Int64])
    case unwatch(Int)
    /// Nil for `run` means all runs.
    case readLog(JobID, run: Int64?, after: Int64, limit: Int)
    case beginFile(name: String)
    case appendFile(FileID, [UInt8])
    case commitFile(FileID, sha256: String?)
    case getFile(FileID)
    /// At most `limit` bytes from `offset`.
    case readFile(FileID, offset: Int64, limit: Int)
    /// Asks for jobs, and waits so long until there are some.
    case claim(Offer, wait: Duration)
    /// A file of a job that one holds.
    case getInput(LeaseClaim, FileID)
    /// Nil for the media type: what the content says.
    case beginArtifact(LeaseClaim, ArtifactName, mediaType: String?)
    case appendArtifact(FileID, [UInt8])
    case commitArtifact(FileID, sha256: String?)
    /// A front has received it, as an upload whose media type is that of the artifact.
    case adoptArtifact(LeaseClaim, ArtifactName, JobFile)
    /// At most `limit` bytes from `offset`; without a limit only the description.
    case getArtifact(JobID, ArtifactName, offset: Int64, limit: Int)
    case listDeliveries(DeliveryQueryFields)
    case redeliver(DeliveryID)
    /// Waits so long until there are some.
    case takeDeliveries(wait: Duration)
    case reportDelivery(DeliveryID, Delivery.Outcome)
    case listQueues
    case getStats
    case getMetrics
    case reportFront(FrontReport)
    case reportUpload(UploadReport)
    case reportRefusal(RefusalReport)
    case serverStatus
    /// With the text of the file of keys, which the daemon may not be able to read; nil: as they are.
    case reloadServer(tokenKeys: String?)
    case inspectServer
    case backUpServer(directory: String)
    /// Who asks, as the daemon sees him.
    case getSession
    case makeToken(TokenOrder)
    case discover
}

/// What a token shall say; it ends after `seconds`, or as late as it may.
package struct TokenOrder: Hashable, Sendable {
    /// What may be asked for; the configuration allows less, as a rule.
    package static let seconds: ClosedRange<Int64> = 1...(10 * 366 * 86_400)

    /// Whose jobs its holder makes and sees; nil: nobody's.
    package var owner: String?
    /// The one job that it is for; nil: for all that it lets its holder see.
    package var job: JobID?
    /// Nil: what fits to owner and job.
    package var scope: Set<Right>?
    /// One of ``seconds-swift.type.property``; nil: an hour, or less where less is allowed.
    package var seconds: Int64?

    package init(owner: String? = nil, job: JobID? = nil, scope: Set<Right>? = nil, seconds: Int64? = nil) {
        self.owner = owner
        self.job = job
        self.scope = scope
        self.seconds = seconds
    }
}

/// What is to be done to all jobs that a query finds.
package struct BulkChange: Hashable, Sendable {
    /// What is done to each of them.
    package enum Action: String, Hashable, Sendable, CaseIterable {
        case cancel, retry, delete

        /// The states that allow it.
        package var statuses: Set<JobStatus> {
            switch self {
            case .cancel: Set(JobStatus.allCases.filter { !$0.isFinal })
            case .retry: [.failed, .cancelled]
            case .delete: [.completed, .failed, .cancelled]
            }
        }
    }

    /// What is done to each.
    package let action: Action
    /// Its limit and its cursor do not count.
    package let query: JobQueryFields
    /// Only jobs that ended before; nil: also those that have not ended.
    package let endedBefore: Timestamp?
    /// The most jobs.
    package let limit: Int
    /// Whether nothing is to be changed.
    package let isRehearsal: Bool

    package init(action: Action, query: JobQueryFields, endedBefore: Timestamp?, limit: Int, isRehearsal: Bool) {
        self.action = action
        self.query = query
        self.endedBefore = endedBefore
        self.limit = limit
        self.isRehearsal = isRehearsal
    }

    /// What ``limit`` may be.
    package static let limits = 1...1_000_000
    /// The limit of a request that does not say one.
    package static let usualLimit = 10_000
}

/// What a front tells of itself, at most once a second.
package struct FrontReport: Hashable, Sendable {
    /// Requests of one kind that were answered alike.
    package struct Requests: Hashable, Sendable {
        /// The API's `operationId`, or `none` where there is no such route.
        package let operation: String
        /// `1xx` to `5xx`.
        package let status: String
        /// Since the last report.
        package let count: Int64

        package init(operation: String, status: String, count: Int64) {
            self.operation = operation
            self.status = status
            self.count = count
        }
    }

    /// Kinds of requests in one report, and altogether.
    package static let maximumRequestKinds = 256

    /// Event streams that are open.
    package var streams: Int
    /// Uploads that arrive.
    package var uploads: Int
    /// Counted since the front's start, by operation and status.
    package var requests: [Requests]

    package init(streams: Int = 0, uploads: Int = 0, requests: [Requests] = []) {
        self.streams = streams
        self.uploads = uploads
        self.requests = requests
    }
}

/// What a front tells of an upload that it receives.
package struct UploadReport: Hashable, Sendable {
    /// Its name among those of the front, 1 to 64 characters.
    package let upload: String
    /// What has come of it.
    package let bytes: Int64
    /// How long it is to be; nil where its sender did not say.
    package let announced: Int64?
    /// Whether nothing more comes.
    package let hasEnded: Bool
    /// What lies on the disk when a piece has ended; nil for what is not one.
    package let stored: Stored?

    /// How much has come of an upload that comes in pieces.
    package struct Stored: Hashable, Sendable {
        /// The upload, which is to be this file.
        package let fileId: FileID
        /// What lies on the disk, synced.
        package let bytes: Int64

        package init(fileId: FileID, bytes: Int64) {
            self.fileId = fileId
            self.bytes = bytes
        }
    }

    package init(
        upload: String, bytes: Int64 = 0, announced: Int64? = nil, hasEnded: Bool = false, stored: Stored? = nil
    ) {
        self.upload = upload
        self.stored = stored
        self.bytes = bytes
        self.announced = announced
        self.hasEnded = hasEnded
    }
}

/// A request that a front refused by itself, because its sender may not do what he asked for.
package struct RefusalReport: Hashable, Sendable {
    /// `METHOD /path` with the names of its parts; at most 128 characters.
    package let request: String
    /// `forbidden` or `unauthorized`.
    package let code: ErrorCode
    /// The job that it was about; nil for none.
    package let jobId: JobID?

    package init(request: String, code: ErrorCode, jobId: JobID? = nil) {
        self.request = request
        self.code = code
        self.jobId = jobId
    }
}

/// The fields of a list request; the cursor is still what the client sent.
package struct JobQueryFields: Hashable, Sendable {
    /// Empty means every state.
    package var statuses: Set<JobStatus> = []
    /// Nil: of every queue.
    package var queue: String?
    /// Nil: of every type.
    package var jobType: String?
    /// What ``SearchText`` looks for in ids, names and messages; nil: anything.
    package var text: String?
    /// Whose; nil for all that the caller may see.
    package var owner: String?
    /// Created at this moment or later.
    package var createdSince: Timestamp?
    /// Created before this moment.
    package var createdBefore: Timestamp?
    package var isOldestFirst = false
    /// 1 to 500.
    package var limit = 50
    /// Behind which the page begins; nil: the first page.
    package var cursor: JobCursor?
}

/// The fields of a list of messages to webhooks.
package struct DeliveryQueryFields: Hashable, Sendable {
    /// Nil: of all webhooks.
    package var webhook: WebhookName?
    /// Nil: of all jobs.
    package var jobId: JobID?
    /// Nil: in every state.
    package var status: Delivery.Status?
    /// 1 to 500.
    package var limit = 50
    /// The number of the last one of the page before.
    package var before: Int64?
}

/// Where a page of a list begins: after a job with this moment and number of creation; opaque to clients.
package struct JobCursor: Hashable, Sendable, CustomStringConvertible {
    /// Of the last job of the page before.
    package let createdAt: Timestamp
    /// The `Job.number` of that job, which tells those of one moment apart.
    package let number: Int64

    package init(createdAt: Timestamp, number: Int64) {
        self.createdAt = createdAt
        self.number = number
    }

    /// As `nextCursor` shows it: `MILLISECONDS-NUMBER`.
    package var description: String { "\(createdAt.milliseconds)-\(number)" }

    /// Nil when the text is not a cursor.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let milliseconds = parts[0], let number = parts[1] else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), number: number)
    }
}
