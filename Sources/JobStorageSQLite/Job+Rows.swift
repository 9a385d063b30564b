import GRDB
import JobModel

/// A job as a row of `job`, and one of `job_detail` when it has anything to put there.
extension Job {
    private static let columns = """
        number, id, revision, status, job_type, queue, priority, max_attempts, has_input, created_at, progress, step, \
        message, attempt, crashes, runner, version, updated_at, started_at, finished_at, run_at, cancel_requested_at, \
        line_count
        """

    /// Nil stands for the row that a job without details does not have.
    private var details: Details? {
        let details = Details(self)
        return details == Details() ? nil : details
    }

    // MARK: Writing

    func insert(into database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO job (\(Self.columns))
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        statement.setUncheckedArguments([
            number, jobId.description, revision, status.rawValue, jobType, queue, priority, maxAttempts, hasInput,
            createdAt.milliseconds, progress, step, message, attempt, crashes, runner?.rawValue, version,
            updatedAt.milliseconds, startedAt?.milliseconds, finishedAt?.milliseconds, runAt?.milliseconds,
            cancelRequestedAt?.milliseconds, lineCount,
        ])
        do {
            try statement.execute()
        } catch DatabaseError.SQLITE_CONSTRAINT {
            throw Batch.Conflict()
        }
        try details?.write(of: number, in: database)
    }

    /// Writes what differs; a row whose state stays touches no index.
    func update(from before: Job, in database: Database) throws {
        let changesState = state != before.state
        let statement = try database.cachedStatement(
            sql: """
                UPDATE job SET progress = ?, step = ?, message = ?, version = ?, updated_at = ?, line_count = ?,
                    cancel_requested_at = ?, revision = ?
                    \(changesState ? State.assignments : "")
                WHERE number = ? AND id = ? AND revision = ?
                """)
        var arguments: StatementArguments = [
            progress, step, message, version, updatedAt.milliseconds, lineCount, cancelRequestedAt?.milliseconds,
            revision,
        ]
        if changesState { arguments += state.arguments }
        arguments += [number, jobId.description, before.revision]
        statement.setUncheckedArguments(arguments)
        try statement.execute()
        guard database.changesCount == 1 else { throw Batch.Conflict() }
        if Details(self) != Details(before) { try Details(self).write(of: number, in: database) }
    }

    /// What stays while a job waits or runs, some of it indexed.
    private struct State: Hashable {
        static let assignments = """
            , status = ?, attempt = ?, crashes = ?, runner = ?, has_input = ?, started_at = ?, finished_at = ?, run_at = ?
            """

        let status: String
        let attempt: Int
        let crashes: Int
        let runner: String?
        let hasInput: Bool
        let startedAt: Int64?
        let finishedAt: Int64?
        let runAt: Int64?

        var arguments: StatementArguments {
            [status, attempt, crashes, runner, hasInput, startedAt, finishedAt, runAt]
        }
    }

    private var state: State {
        State(
            status: status.rawValue, attempt: attempt, crashes: crashes, runner: runner?.rawValue, hasInput: hasInput,
            startedAt: startedAt?.milliseconds, finishedAt: finishedAt?.milliseconds, runAt: runAt?.milliseconds)
    }

    // MARK: Reading

    static let selection = """
        SELECT \(columns.split(separator: ", ").map { "job.\($0)" }.joined(separator: ", ")),
            gone_status, gone_at, metadata, files, result, error, artifacts
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
            hasInput: row[8], lineCount: row[22])
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
