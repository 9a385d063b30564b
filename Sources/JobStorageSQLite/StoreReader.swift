import Glibc
import GRDB
import JSON
package import JobModel

/// Reads a store that no daemon uses, from its beginning to its end, and changes nothing: for backups and checks.
///
/// Every function blocks.
package struct StoreReader: Sendable {
    private let database: DatabaseQueue

    /// Opens the store of a directory.
    ///
    /// One of an earlier version is read as today's would be after its start: in a copy, which is removed at the end.
    ///
    /// - Throws: ``OpenError``, in words for the operator.
    package init(directory: String) throws {
        let path = "\(directory)/jobd.sqlite"
        guard access(path, F_OK) == 0 else { throw OpenError.missing(path: path) }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            let stored = try DatabaseQueue(path: path, configuration: configuration)
            guard try !stored.read(Schema.migrator.hasBeenSuperseded) else { throw OpenError.newerSchema(path: path) }
            if try stored.read(Schema.migrator.hasCompletedMigrations) {
                database = stored
            } else {
                // An empty path is a file of SQLite's own, which has no name and goes with its connection.
                database = try DatabaseQueue(path: "")
                try stored.backup(to: database)
                try Schema.migrator.migrate(database)
            }
        } catch let error as DatabaseError {
            throw OpenError(error, path: path)
        }
    }

    /// Whether a daemon uses the directory now.
    package static func isInUse(directory: String) -> Bool { DirectoryLock.isTaken(in: directory) }

    // MARK: Records

    /// Calls the body with each uploaded file.
    package func forEachFile(_ body: (JobFile) throws -> Void) throws {
        try database.read { database in
            let rows = try Row.fetchCursor(database, sql: "SELECT id, name, size, media_type, sha256 FROM file")
            while let row = try rows.next() {
                guard let id = FileID(row["id"] as String) else { continue }
                try body(JobFile(id: id, row))
            }
        }
    }

    /// Calls the body with each job in order of creation; a row that cannot be read gets nil, and its number.
    package func forEachJob(_ body: (Int64, Job?) throws -> Void) throws {
        try database.read { database in
            let rows = try Row.fetchCursor(
                database, sql: "\(JobColumn.selection) WHERE status <> 'gone' ORDER BY job.number")
            while let row = try rows.next() { try body(row[.number], try? Job(row)) }
        }
    }

    /// Jobs, those that were deleted included, and lines of logs.
    package func counts() throws -> (gone: Int, lines: Int) {
        try database.read { database in
            (
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT (SELECT count(*) FROM tombstone WHERE id <> '')
                            + (SELECT count(*) FROM job WHERE gone_at IS NOT NULL)
                        """) ?? 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM log_line") ?? 0
            )
        }
    }

    // MARK: Faults

    /// What is wrong in the database itself, a sentence each; at most some hundred.
    package func faults() -> [String] {
        var faults: [String] = []
        for check in [integrityFaults, referenceFaults, useFaults, totalFaults, rowFaults] {
            do {
                faults += try check()
            } catch {
                faults.append("The database cannot be read: \(error).")
            }
        }
        return faults
    }

    private func integrityFaults() throws -> [String] {
        try database.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(100)") }
            .filter { $0 != "ok" }.map { "SQLite finds: \($0)." }
    }

    private func referenceFaults() throws -> [String] {
        try database.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").prefix(100) }
            .map { "A row of \($0["table"] as String) belongs to no \($0["parent"] as String)." }
    }

    /// A file's number of uses must be that of the jobs that list it.
    private func useFaults() throws -> [String] {
        let sql = """
            WITH used AS (
                SELECT json_extract(value, '$.fileId') AS id, count(*) AS count
                FROM job_detail, json_each(job_detail.files) GROUP BY 1
            )
            SELECT file.id, file.uses, ifnull(used.count, 0) AS count FROM file LEFT JOIN used ON used.id = file.id
            WHERE file.uses <> ifnull(used.count, 0)
            UNION ALL
            SELECT used.id, 0, used.count FROM used LEFT JOIN file ON file.id = used.id WHERE file.id IS NULL
            LIMIT 100
            """
        return try database.read { try Row.fetchAll($0, sql: sql) }.map { row in
            let (uses, count) = (row["uses"] as Int, row["count"] as Int)
            return "The file \(row["id"] as String) has \(uses) uses on record, and \(count) jobs list it."
        }
    }

    private func totalFaults() throws -> [String] {
        let sql = """
            SELECT 'jobs of the queue ' || queue || ' that are ' || status AS what, sum(present) AS present,
                sum(present - recorded) AS missing
            FROM (
                SELECT queue, status, 1 AS present, 0 AS recorded FROM job WHERE gone_at IS NULL
                UNION ALL SELECT queue, status, 0, count FROM job_total
            ) GROUP BY queue, status
            UNION ALL SELECT 'files', count(*), count(*) - (SELECT ifnull(sum(count), 0) FROM file_total) FROM file
            UNION ALL SELECT 'bytes of files', ifnull(sum(size), 0),
                ifnull(sum(size), 0) - (SELECT ifnull(sum(bytes), 0) FROM file_total) FROM file
            UNION ALL SELECT 'bytes of ended jobs', ifnull(sum(bytes), 0),
                ifnull(sum(bytes), 0) - (SELECT ifnull(sum(bytes), 0) FROM ended_total)
                FROM job WHERE finished_at IS NOT NULL AND gone_at IS NULL
            """
        return try database.read { try Row.fetchAll($0, sql: sql) }.compactMap { row in
            let (present, missing) = (row["present"] as Int64, row["missing"] as Int64)
            guard missing != 0 else { return nil }
            return "There are \(present) \(row["what"] as String), and \(present - missing) on record."
        }
    }

    /// Rows beside those of jobs that mean nothing.
    private func rowFaults() throws -> [String] {
        try database.read { database in
            var faults: [String] = []
            let files = try Row.fetchCursor(database, sql: "SELECT id, size, sha256 FROM file")
            while faults.count < 100, let row = try files.next() {
                let id = row["id"] as String
                if FileID(id) == nil || (row["size"] as Int64) < 0 || (row["sha256"] as String).utf8.count != 64 {
                    faults.append("The record of the file \(id) is wrong.")
                }
            }
            let gone = try Row.fetchCursor(
                database,
                sql: """
                    SELECT number, id, status FROM tombstone WHERE id <> ''
                    UNION ALL SELECT number, id, gone_status FROM job WHERE gone_at IS NOT NULL
                    """)
            while faults.count < 200, let row = try gone.next() {
                if JobID(row["id"] as String) == nil || (row["status"] as String?).flatMap(JobStatus.init) == nil {
                    faults.append("The record of the deleted job number \(row["number"] as Int64) is wrong.")
                }
            }
            let lines = try Row.fetchCursor(database, sql: "SELECT job, number, text FROM log_line")
            while faults.count < 300, let row = try lines.next() {
                if (try? JSONValue.parse(row["text"] as String))?.string == nil {
                    let (line, job) = (row["number"] as Int64, row["job"] as Int64)
                    faults.append("Line \(line) of the log of job number \(job) is wrong.")
                }
            }
            return faults
        }
    }
}
