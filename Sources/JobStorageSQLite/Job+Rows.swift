import GRDB
import JobModel

/// A job as a row of `job`, and one of `job_detail` when it has anything to put there.
extension Job {
    private static let columns = """
        number, id, revision, status, job_type, queue, priority, max_attempts, has_input, created_at, progress, step, \
        message, attempt, crashes, runner, version, updated_at, started_at, finished_at, run_at, cancel_requested_at, \
        line_count
        """

    // MARK: Writing

    private static let insertion =
        "INSERT INTO job (\(columns), metadata) VALUES (?\(String(repeating: ", ?", count: 23)))"

    func insert(into database: Database) throws {
        do {
            try database.run(Self.insertion) { row in
                row.bind(number)
                row.bind(jobId.description)
                row.bind(revision)
                row.bind(status.rawValue)
                row.bind(jobType)
                row.bind(queue)
                row.bind(priority)
                row.bind(maxAttempts)
                row.bind(hasInput)
                row.bind(createdAt)
                row.bind(progress)
                row.bind(step)
                row.bind(message)
                row.bind(attempt)
                row.bind(crashes)
                row.bind(runner?.rawValue)
                row.bind(version)
                row.bind(updatedAt)
                row.bind(startedAt)
                row.bind(finishedAt)
                row.bind(runAt)
                row.bind(cancelRequestedAt)
                row.bind(lineCount)
                row.bind(shortMetadata?.text)
            }
        } catch DatabaseError.SQLITE_CONSTRAINT {
            throw Batch.Conflict()
        }
        let details = Details(self)
        if !details.isEmpty { try details.write(of: number, in: database) }
    }

    private static let change = """
        UPDATE job SET progress = ?, step = ?, message = ?, version = ?, updated_at = ?, line_count = ?,
            cancel_requested_at = ?, revision = ?
        """
    private static let changeOfState = """
        , status = ?, attempt = ?, crashes = ?, runner = ?, has_input = ?, started_at = ?, finished_at = ?, run_at = ?,
            metadata = ?
        """
    private static let condition = " WHERE number = ? AND id = ? AND revision = ?"
    private static let update = change + condition
    private static let updateOfState = change + changeOfState + condition

    /// Writes what differs; a row whose state stays touches no index.
    func update(from before: Job, in database: Database) throws {
        let details = Details(self)
        let changesDetails = details != Details(before)
        // With the details, because an older version has put short metadata there.
        let changesState = changesDetails || !hasState(of: before)
        try database.run(changesState ? Self.updateOfState : Self.update) { row in
            row.bind(progress)
            row.bind(step)
            row.bind(message)
            row.bind(version)
            row.bind(updatedAt)
            row.bind(lineCount)
            row.bind(cancelRequestedAt)
            row.bind(revision)
            if changesState { bindState(to: &row) }
            row.bind(number)
            row.bind(jobId.description)
            row.bind(before.revision)
        }
        guard database.changesCount == 1 else { throw Batch.Conflict() }
        if changesDetails { try details.write(of: number, in: database) }
    }

    /// Whether nothing differs that stays while a job waits or runs, some of which is indexed.
    private func hasState(of other: Job) -> Bool {
        status == other.status && attempt == other.attempt && crashes == other.crashes && runner == other.runner
            && hasInput == other.hasInput && startedAt == other.startedAt && finishedAt == other.finishedAt
            && runAt == other.runAt && metadata == other.metadata
    }

    private func bindState(to row: inout Parameters) {
        row.bind(status.rawValue)
        row.bind(attempt)
        row.bind(crashes)
        row.bind(runner?.rawValue)
        row.bind(hasInput)
        row.bind(startedAt)
        row.bind(finishedAt)
        row.bind(runAt)
        row.bind(shortMetadata?.text)
    }

    // MARK: Reading

    static let selection = """
        SELECT \(columns.split(separator: ", ").map { "job.\($0)" }.joined(separator: ", ")),
            gone_status, gone_at, ifnull(job.metadata, job_detail.metadata), files, result, error, artifacts, traceparent
        FROM job LEFT JOIN job_detail ON job_detail.number = job.number
        """

    /// Jobs by a condition, which may go on with an order and a limit.
    static func fetchAll(
        _ database: Database, where condition: String, arguments: StatementArguments = []
    ) throws -> [Job] {
        let rows = try Row.fetchCursor(
            database, sql: "\(selection) WHERE \(condition)", arguments: arguments)
        var jobs: [Job] = []
        while let row = try rows.next() { jobs.append(try Job(row)) }
        return jobs
    }

    init(_ row: Row) throws {
        guard let id = JobID(row[1] as String), let status = JobStatus(rawValue: row[3]) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "job \(row[0] as Int64) has no valid id or state")
        }
        self.init(
            jobId: id, jobType: row[4], status: status, progress: row[10], step: row[11], message: row[12],
            queue: row[5], priority: row[6], attempt: row[13], crashes: row[14], maxAttempts: row[7],
            runner: (row[15] as String?).flatMap(Runner.init), version: row[16], createdAt: Timestamp(stored: row[9]),
            updatedAt: Timestamp(stored: row[17]), startedAt: (row[18] as Int64?).map(Timestamp.init(stored:)),
            finishedAt: (row[19] as Int64?).map(Timestamp.init(stored:)),
            runAt: (row[20] as Int64?).map(Timestamp.init(stored:)),
            cancelRequestedAt: (row[21] as Int64?).map(Timestamp.init(stored:)),
            files: try Self.parts(row[26], JobFile.init(json:)), metadata: JSONText(stored: row[25] ?? "{}"),
            result: (row[27] as String?).map(JSONText.init(stored:)),
            error: try (row[28] as String?).flatMap { JobFailure(json: try JSONValue.parse($0)) },
            artifacts: try Self.parts(row[29], Artifact.init(json:)), number: row[0], revision: row[2],
            hasInput: row[8], lineCount: row[22], traceParent: (row[30] as String?).flatMap(TraceParent.init))
    }

    private static func parts<Part>(_ text: String?, _ make: (JSONValue) -> Part?) throws -> [Part] {
        guard let text else { return [] }
        return try JSONValue.parse(text).array?.compactMap(make) ?? []
    }
}

extension Timestamp {
    init(stored milliseconds: Int64) {
        self.init(milliseconds: milliseconds)
    }
}
