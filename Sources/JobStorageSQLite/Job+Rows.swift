import GRDB
import JSON
import JobModel

/// A job as a row of `job`, and one of `job_detail` when it has anything to put there.
extension Job {
    // MARK: Writing

    /// A statement for new rows, with the columns that it binds of each; of most jobs, the others have nothing.
    private struct Insertion {
        /// By the groups.
        static let ofOne = JobColumnGroups.combinations.map { Insertion($0, rowCount: 1) }
        static let ofSeveral = JobColumnGroups.combinations.map { Insertion($0, rowCount: severalRows) }
        /// A statement opens every index of the table, a third of what it costs with one row; so many rows share that.
        static let severalRows = 4

        let columns: [JobColumn]
        let rowCount: Int
        let sql: String

        private init(_ groups: JobColumnGroups, rowCount: Int) {
            let columns = JobColumn.fixed + JobColumn.steady + groups.columns
            let counts = JobColumnGroups.all.subtracting(groups).columns.filter(\.isCount)
            let rows = (0..<rowCount).map { row in
                let values = zip(columns, (row * columns.count + 1)...).map { Self.value(of: $0, parameter: "?\($1)") }
                return "(\((values + counts.map { _ in "0" }).joined(separator: ", ")))"
            }
            self.columns = columns
            self.rowCount = rowCount
            sql = """
                INSERT INTO job (\((columns + counts).map(\.name).joined(separator: ", ")))
                VALUES \(rows.joined(separator: ", "))
                """
        }

        /// That for the first of some jobs, or for the first few where all of these have the same groups.
        static func first(of jobs: ArraySlice<Job>, _ groups: JobColumnGroups) -> Insertion {
            let several = jobs.prefix(severalRows)
            let isOfSeveral = several.count == severalRows && several.allSatisfy { $0.columnGroups == groups }
            return (isOfSeveral ? ofSeveral : ofOne)[groups.rawValue]
        }

        /// The id of a deleted job stays taken: it becomes NULL, which the column refuses.
        private static func value(of column: JobColumn, parameter: String) -> String {
            guard column == .id else { return parameter }
            return "iif(EXISTS (SELECT 1 FROM tombstone WHERE id = \(parameter)), NULL, \(parameter))"
        }
    }

    /// Puts jobs in that are new to the store.
    static func insert(_ jobs: [Job], into database: Database) throws {
        var rest = jobs[...]
        while let groups = rest.first?.columnGroups {
            let insertion = Insertion.first(of: rest, groups)
            do {
                try database.run(insertion.sql) { row in
                    for job in rest.prefix(insertion.rowCount) {
                        for column in insertion.columns { column.bind(job, to: &row) }
                    }
                }
            } catch DatabaseError.SQLITE_CONSTRAINT {
                throw WriteSet.Conflict()
            }
            rest = rest.dropFirst(insertion.rowCount)
        }
        for job in jobs where job.hasDetails { try Details(job).write(of: job.number, in: database) }
    }

    /// A statement for what differs, with its columns.
    private struct Update {
        /// By the groups.
        static let all = JobColumnGroups.combinations.map(Update.init)

        let columns: [JobColumn]
        let sql: String

        private init(_ groups: JobColumnGroups) {
            columns = JobColumn.steady + groups.columns
            sql = "UPDATE job SET \(JobColumn.assignments(columns)) WHERE number = ? AND id = ? AND revision = ?"
        }
    }

    /// Writes what differs; a row whose end stays touches no index.
    func update(from before: Job, in database: Database) throws {
        let groups = columnGroups(unlike: before)
        let update = Update.all[groups.rawValue]
        try database.run(update.sql) { row in
            for column in update.columns { column.bind(self, to: &row) }
            row.bind(number)
            row.bind(jobId.description)
            row.bind(before.revision)
        }
        guard database.changesCount == 1 else { throw WriteSet.Conflict() }
        guard groups.contains(.content), case let details = Details(self), details != Details(before) else { return }
        try details.write(of: number, in: database)
    }

    // MARK: Reading

    /// Jobs by a condition, which may go on with an order; those that cannot be read are named, and left out.
    static func fetchAll(
        _ database: Database, where condition: String, arguments: StatementArguments = [], damage: inout [String]
    ) throws -> [Job] {
        let rows = try Row.fetchCursor(
            database, sql: "\(JobColumn.selection) WHERE \(condition)", arguments: arguments)
        var jobs: [Job] = []
        while let row = try rows.next() {
            do {
                jobs.append(try Job(row))
            } catch let error as DamagedRecord {
                damage.append(error.reason)
            }
        }
        return jobs
    }

    /// Takes a row of ``selection``.
    ///
    /// - Throws: ``DamagedRecord`` when anything in it does not mean what it should.
    init(_ row: Row) throws {
        guard let id = JobID(row[.id] as String) else {
            throw DamagedRecord(id: nil, reason: "Job number \(row[.number] as Int64) has no valid id.")
        }
        func damage(_ what: String) -> DamagedRecord {
            DamagedRecord(id: .job(id), reason: "The record of the job \(id) is damaged: its \(what) cannot be read.")
        }
        guard let status = JobStatus(rawValue: row[.status]) else { throw damage("state") }
        guard let metadata = JSONText(stored: row[.metadata] ?? "{}"), metadata.text.hasPrefix("{") else {
            throw damage("metadata")
        }
        guard let files = Self.parts(row[.files], JobFile.init(json:)) else { throw damage("list of files") }
        guard let artifacts = Self.parts(row[.artifacts], Artifact.init(json:)) else {
            throw damage("list of artifacts")
        }
        guard let earlierAttempts = Self.parts(row[.earlierAttempts], EarlierAttempt.init(json:)) else {
            throw damage("list of earlier attempts")
        }
        let terms = (row[.terms] as String?).map { (try? JSONValue.parse($0)).flatMap(JobTerms.init(json:)) }
        guard terms != .some(nil) else { throw damage("terms") }
        let result = (row[.result] as String?).map(JSONText.init(stored:))
        guard result != .some(nil) else { throw damage("result") }
        let error = (row[.error] as String?).map { (try? JSONValue.parse($0)).flatMap(JobFailure.init(json:)) }
        guard error != .some(nil) else { throw damage("error") }
        self.init(
            jobId: id, number: row[.number], status: status, version: row[.version], revision: row[.revision],
            asked: Asked(
                jobType: row[.jobType], owner: row[.owner], account: (row[.account] as String?).flatMap(Account.init),
                queue: row[.queue], priority: row[.priority], maxAttempts: row[.maxAttempts],
                terms: (terms ?? nil) ?? .usual),
            input: Input(
                files: files, isWhole: row[.hasInput], metadata: metadata,
                traceParent: (row[.traceParent] as String?).flatMap(TraceParent.init)),
            runs: Runs(
                last: row[.run], attempt: row[.attempt], crashes: row[.crashes], releases: row[.releases],
                earlier: earlierAttempts),
            lease: Lease(
                runner: (row[.runner] as String?).flatMap(Runner.init), worker: row[.worker],
                seconds: row[.leaseSeconds], heardAt: row[.heardAt],
                token: (row[.leaseToken] as String?).flatMap(LeaseToken.init)),
            progress: Progress(
                percent: row[.progress], step: row[.step], message: row[.message], lineCount: row[.lineCount]),
            times: Times(
                createdAt: Timestamp(stored: row[.createdAt]), updatedAt: Timestamp(stored: row[.updatedAt]),
                runAt: row[.runAt], queuedAt: row[.queuedAt], startedAt: row[.startedAt], retriedAt: row[.retriedAt],
                cancelRequestedAt: row[.cancelRequestedAt], finishedAt: row[.finishedAt]),
            outcome: Outcome(result: result ?? nil, error: error ?? nil, artifacts: artifacts))
    }

    /// Nil when it is not a list of such parts.
    private static func parts<Part>(_ text: String?, _ make: (JSONValue) -> Part?) -> [Part]? {
        guard let text, text != "[]" else { return [] }
        guard let elements = (try? JSONValue.parse(text))?.array else { return nil }
        let parts = elements.compactMap(make)
        return parts.count == elements.count ? parts : nil
    }
}

extension Timestamp {
    init(stored milliseconds: Int64) {
        self.init(milliseconds: milliseconds)
    }
}
