import GRDB
import JobModel

/// What is left of a deleted job: a row of `tombstone`, or of `job` until its log has gone.
extension Tombstone {
    static func fetch(_ database: Database, id: JobID) throws -> Tombstone? {
        let statement = try database.cachedStatement(
            sql: "SELECT number, revision, status, finished_at, gone_at, owner FROM tombstone WHERE id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        return Tombstone(
            jobId: id, number: row["number"], revision: row["revision"], jobStatus: try status(row["status"], of: id),
            finishedAt: (row["finished_at"] as Int64?).map(Timestamp.init(stored:)),
            goneAt: Timestamp(stored: row["gone_at"]),
            owner: row["owner"])
    }

    /// The state in which a job was deleted, from its word.
    static func status(_ word: String?, of id: JobID) throws -> JobStatus {
        guard let status = word.flatMap(JobStatus.init) else {
            throw DamagedRecord(
                id: .job(id), reason: "The record of the deleted job \(id) is damaged: its state cannot be read.")
        }
        return status
    }

    // MARK: Writing

    /// Takes the place of the job with everything that belongs to it; of one with a log, not yet that of its row.
    func replace(_ before: JobRecord, in database: Database) throws {
        try Details.delete(of: number, in: database)
        let hasLines =
            try Bool.fetchOne(
                database.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM log_line WHERE job = ?)"),
                arguments: [number]) ?? false
        if hasLines {
            try mark(before, in: database)
        } else {
            try database.run("DELETE FROM job WHERE number = ? AND id = ? AND revision = ?") { row in
                row.bind(number)
                row.bind(jobId.description)
                row.bind(before.revision)
            }
            guard database.changesCount == 1 else { throw WriteSet.Conflict() }
            try insert(into: database)
        }
    }

    private func mark(_ before: JobRecord, in database: Database) throws {
        try database.execute(
            sql: """
                UPDATE job SET status = 'gone', gone_status = ?, gone_at = ?, finished_at = ?, revision = ?,
                    step = NULL, message = NULL, run_at = NULL, started_at = NULL, cancel_requested_at = NULL, metadata = NULL
                WHERE number = ? AND id = ? AND revision = ?
                """,
            arguments: [
                jobStatus.rawValue, goneAt.milliseconds, finishedAt?.milliseconds, revision, number,
                jobId.description, before.revision,
            ])
        guard database.changesCount == 1 else { throw WriteSet.Conflict() }
    }

    /// An id is a job or a tombstone, and never both: that of a job becomes NULL, which the column refuses.
    private static let insertion = """
        INSERT INTO tombstone (number, id, revision, status, finished_at, gone_at, owner)
        VALUES (?1, iif(EXISTS (SELECT 1 FROM job WHERE id = ?2), NULL, ?2), ?3, ?4, ?5, ?6, ?7)
        """

    /// Also of a job that came and went within one commit.
    func insert(into database: Database) throws {
        do {
            try database.run(Self.insertion) { row in
                row.bind(number)
                row.bind(jobId.description)
                row.bind(revision)
                row.bind(jobStatus.rawValue)
                row.bind(finishedAt)
                row.bind(goneAt)
                row.bind(owner)
            }
        } catch DatabaseError.SQLITE_CONSTRAINT {
            throw WriteSet.Conflict()
        }
    }

    /// Makes the tombstone of a deleted job that has no log any more, in the place of its row.
    static func takePlace(ofJob number: Int64, in database: Database) throws {
        try database.run(
            """
            INSERT INTO tombstone (number, id, revision, status, finished_at, gone_at, owner)
            SELECT number, id, revision, ifnull(gone_status, ''), finished_at, gone_at, owner FROM job WHERE number = ?
            """
        ) { $0.bind(number) }
        try database.run("DELETE FROM job WHERE number = ?") { $0.bind(number) }
    }

    // MARK: Removing

    /// Those that have an id still.
    static let old = "SELECT number, id FROM tombstone WHERE gone_at < ? AND id <> '' LIMIT ?"

    /// Removes up to `limit` that were made before a moment.
    ///
    /// Of the job with the last number of all the row stays, with an empty id, so that the number is not given again.
    static func delete(goneBefore moment: Timestamp, limit: Int, in database: Database) throws -> [JobID] {
        let rows = try Row.fetchAll(database, sql: old, arguments: [moment.milliseconds, limit])
        let last = try Int64.fetchOne(database, sql: lastNumber)
        for row in rows {
            let number = row["number"] as Int64
            if number == last {
                try database.execute(sql: "DELETE FROM tombstone WHERE id = ''")
                try database.run("UPDATE tombstone SET id = '' WHERE number = ?") { $0.bind(number) }
            } else {
                try database.run("DELETE FROM tombstone WHERE number = ?") { $0.bind(number) }
            }
        }
        return rows.compactMap { JobID($0["id"] as String) }
    }

    /// The greatest number that a job has, or had; 0 when there was none.
    static let lastNumber = """
        SELECT max(ifnull((SELECT max(number) FROM job), 0), ifnull((SELECT max(number) FROM tombstone), 0))
        """
}
