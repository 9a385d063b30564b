import GRDB
import JSON
import JobModel
import JobStorage

/// A job's columns, in the order of their places in a selected row.
///
/// A new one needs a migration, its case, its name, its value in ``bind(_:to:)``, its group, and its reading in `Job.init`;
/// one of `job_detail` goes through ``Details`` instead.
enum JobColumn: Int, CaseIterable, Sendable {
    case number, id, revision, status, jobType, queue, priority, maxAttempts, hasInput, createdAt, owner, progress,
        step,
        message, attempt, crashes, releases, run, runner, worker, version, updatedAt, startedAt, finishedAt, runAt,
        leaseSeconds,
        heardAt, leaseToken, cancelRequestedAt, lineCount, metadata, queuedAt, retriedAt, dedupeKey, batchId, bytes,
        account
    // What a tombstone has.
    case goneStatus, goneAt
    // In `job_detail`.
    case files, result, error, artifacts, traceParent, earlierAttempts, terms

    /// What never changes, and is written once.
    static let fixed: [JobColumn] = [
        .number, .id, .jobType, .queue, .maxAttempts, .createdAt, .owner, .account,
    ]

    /// What nearly every change changes; no index has any of it.
    static let steady: [JobColumn] = [.status, .version, .revision, .updatedAt, .runAt, .queuedAt]

    /// Whether it is 0 of a job of which nothing else was said, and not NULL.
    var isCount: Bool {
        switch self {
        case .attempt, .crashes, .releases, .progress, .lineCount: true
        default: false
        }
    }

    var name: String {
        switch self {
        case .jobType: "job_type"
        case .maxAttempts: "max_attempts"
        case .hasInput: "has_input"
        case .createdAt: "created_at"
        case .updatedAt: "updated_at"
        case .startedAt: "started_at"
        case .finishedAt: "finished_at"
        case .runAt: "run_at"
        case .leaseSeconds: "lease_seconds"
        case .heardAt: "heard_at"
        case .leaseToken: "lease_token"
        case .cancelRequestedAt: "cancel_requested_at"
        case .lineCount: "line_count"
        case .goneStatus: "gone_status"
        case .goneAt: "gone_at"
        case .traceParent: "traceparent"
        case .earlierAttempts: "earlier_attempts"
        case .queuedAt: "queued_at"
        case .retriedAt: "retried_at"
        case .dedupeKey: "dedupe_key"
        case .batchId: "batch_id"
        case .number, .id, .revision, .status, .owner, .account, .queue, .priority, .progress, .step, .message,
            .attempt,
            .crashes,
            .releases,
            .run, .runner, .worker, .version, .metadata, .files, .result, .error, .artifacts, .terms, .bytes:
            "\(self)"
        }
    }

    /// What a selection reads; long metadata is in `job_detail`.
    private var expression: String {
        switch self {
        case .metadata: "ifnull(job.metadata, job_detail.metadata)"
        case .files, .result, .error, .artifacts, .traceParent, .earlierAttempts, .terms: "job_detail.\(name)"
        default: "job.\(name)"
        }
    }

    /// `SELECT … FROM …`, to which a condition is added.
    static let selection = selection(without: [])

    /// The same for lists: what they do not show is as if there were none of it.
    static let listedSelection = selection(without: [.result, .artifacts, .earlierAttempts])

    private static func selection(without hidden: [JobColumn]) -> String {
        let expressions = allCases.map { hidden.contains($0) ? "NULL" : $0.expression }
        return """
            SELECT \(expressions.joined(separator: ", "))
            FROM job LEFT JOIN job_detail ON job_detail.number = job.number
            """
    }

    /// What an `UPDATE` sets: `a = ?, b = ?`.
    static func assignments(_ columns: [JobColumn]) -> String {
        columns.map { "\($0.name) = ?" }.joined(separator: ", ")
    }

    /// Binds a job's value of this column of the table `job`.
    func bind(_ job: Job, to row: inout Parameters) {
        switch self {
        case .number: row.bind(job.number)
        case .id: row.bind(job.jobId.description)
        case .revision: row.bind(job.revision)
        case .status: row.bind(job.status.rawValue)
        case .jobType: row.bind(job.asked.jobType)
        case .queue: row.bind(job.asked.queue)
        case .priority: row.bind(job.asked.priority)
        case .maxAttempts: row.bind(job.asked.maxAttempts)
        case .hasInput: row.bind(job.input.isWhole)
        case .createdAt: row.bind(job.times.createdAt)
        case .owner: row.bind(job.asked.owner)
        case .account: row.bind(job.asked.account?.description)
        case .progress: row.bind(job.progress.percent)
        case .step: row.bind(job.progress.step)
        case .message: row.bind(job.progress.message)
        case .attempt: row.bind(job.runs.attempt)
        case .crashes: row.bind(job.runs.crashes)
        case .releases: row.bind(job.runs.releases)
        case .run: row.bind(job.runs.last)
        case .runner: row.bind(job.lease.runner?.rawValue)
        case .worker: row.bind(job.lease.worker)
        case .version: row.bind(job.version)
        case .updatedAt: row.bind(job.times.updatedAt)
        case .startedAt: row.bind(job.times.startedAt)
        case .finishedAt: row.bind(job.times.finishedAt)
        case .runAt: row.bind(job.times.runAt)
        case .leaseSeconds: row.bind(job.lease.seconds.map(Int64.init))
        case .heardAt: row.bind(job.lease.heardAt)
        case .leaseToken: row.bind(job.lease.token?.description)
        case .cancelRequestedAt: row.bind(job.times.cancelRequestedAt)
        case .lineCount: row.bind(job.progress.lineCount)
        case .metadata: row.bind(job.shortMetadata?.text)
        case .queuedAt: row.bind(job.times.queuedAt)
        case .retriedAt: row.bind(job.times.retriedAt)
        case .dedupeKey: row.bind(job.asked.terms.dedupeKey?.description)
        case .batchId: row.bind(job.asked.terms.batchId?.description)
        case .bytes: row.bind(job.storedBytes)
        case .goneStatus, .goneAt, .files, .result, .error, .artifacts, .traceParent, .earlierAttempts, .terms:
            preconditionFailure("\(self) is in no row of a job that is written here")
        }
    }
}

extension Row {
    subscript<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: JobColumn) -> Value {
        self[column.rawValue]
    }

    subscript(_ column: JobColumn) -> Timestamp? {
        (self[column.rawValue] as Int64?).map(Timestamp.init(stored:))
    }
}
