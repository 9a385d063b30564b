import GRDB
import JSON
import JobModel

extension JobRecord {
    private static let selection = "\(JobColumn.selection) WHERE id = ?"

    static func fetch(_ database: Database, id: JobID) throws -> JobRecord? {
        let statement = try database.cachedStatement(sql: Self.selection)
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else {
            return try Tombstone.fetch(database, id: id).map(JobRecord.gone)
        }
        guard let goneAt = row[.goneAt] as Timestamp? else { return .job(try Job(row)) }
        return .gone(
            Tombstone(
                jobId: id, number: row[.number], revision: row[.revision],
                jobStatus: try Tombstone.status(row[.goneStatus], of: id), finishedAt: row[.finishedAt], goneAt: goneAt,
                owner: row[.owner]))
    }
}

extension JobFile {
    /// Reads the columns of the table `file`.
    init(id: FileID, _ row: Row) {
        self.init(
            fileId: id, name: row["name"], size: row["size"], mediaType: row["media_type"], sha256: row["sha256"])
    }
}

extension FileRecord {
    static func fetch(_ database: Database, id: FileID) throws -> FileRecord? {
        let statement = try database.cachedStatement(
            sql:
                "SELECT name, size, media_type, sha256, created_at, uses, revision, owner, account FROM file WHERE id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: [id.description]) else { return nil }
        return FileRecord(
            file: JobFile(id: id, row), createdAt: Timestamp(stored: row["created_at"]), uses: row["uses"],
            revision: row["revision"], owner: row["owner"],
            account: (row["account"] as String?).flatMap(Account.init))
    }

    static func replace(
        _ before: FileRecord?, with after: FileRecord?, for id: FileID, in database: Database
    ) throws {
        switch (before, after) {
        case (nil, nil): return
        case (nil, let after?): try after.insert(into: database)
        case (let before?, let after?)
        where before.file != after.file || before.createdAt != after.createdAt || before.owner != after.owner
            || before.account != after.account:
            // Deleted and adopted again.
            try replace(before, with: nil, for: id, in: database)
            try after.insert(into: database)
        case (let before?, let after?):
            try database.execute(
                sql: "UPDATE file SET uses = ?, revision = ? WHERE id = ? AND revision = ?",
                arguments: [after.uses, after.revision, id.description, before.revision])
            guard database.changesCount == 1 else { throw WriteSet.Conflict() }
        case (let before?, nil):
            try database.execute(
                sql: "DELETE FROM file WHERE id = ? AND revision = ?", arguments: [id.description, before.revision])
            guard database.changesCount == 1 else { throw WriteSet.Conflict() }
        }
    }

    private func insert(into database: Database) throws {
        do {
            try database.execute(
                sql: """
                    INSERT INTO file (id, revision, uses, created_at, name, size, media_type, sha256, owner, account)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    file.fileId.description, revision, uses, createdAt.milliseconds, file.name, file.size,
                    file.mediaType, file.sha256 ?? "", owner, account?.description,
                ])
        } catch DatabaseError.SQLITE_CONSTRAINT {
            throw WriteSet.Conflict()
        }
    }
}

extension LogLine {
    /// Lines of one run, or of all when it is nil.
    static func fetchAll(
        _ database: Database, of id: JobID, run: Int64?, after: Int64, limit: Int
    ) throws -> [LogLine] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT number, at, step, stream, text, run FROM log_line
                WHERE job = (SELECT number FROM job WHERE id = ? AND gone_at IS NULL) AND number > ?
                    AND run = ifnull(?, run)
                ORDER BY number LIMIT ?
                """)
        let rows = try Row.fetchCursor(statement, arguments: [id.description, after, run, limit])
        var lines: [LogLine] = []
        while let row = try rows.next() {
            guard let text = (try? JSONValue.parse(row["text"] as String))?.string else {
                throw DamagedRecord(
                    id: .job(id), reason: "Line \(row["number"] as Int64) of the log of the job \(id) is damaged.")
            }
            lines.append(
                LogLine(
                    number: row["number"], run: row["run"], at: Timestamp(stored: row["at"]), step: row["step"],
                    stream: row["stream"], text: text))
        }
        return lines
    }

    /// In the words of the index that finds it.
    static let deletedJob = "SELECT number FROM job INDEXED BY job_gone WHERE gone_at IS NOT NULL LIMIT 1"
    /// What it costs to move a row, in lines.
    private static let costOfRow = 4

    /// Removes up to `limit` lines of deleted jobs, and the row of one that has none; returns whether there may be more.
    static func deleteOfDeletedJobs(_ database: Database, limit: Int) throws -> Bool {
        var rest = limit
        while rest > 0 {
            guard let job = try Int64.fetchOne(database, sql: deletedJob) else { return false }
            try database.execute(
                sql: """
                    DELETE FROM log_line WHERE job = ? AND number < ifnull(
                        (SELECT number FROM log_line WHERE job = ? ORDER BY number LIMIT 1 OFFSET ?), ?)
                    """,
                arguments: [job, job, rest, Int64.max])
            let removed = database.changesCount
            if removed < rest { try Tombstone.takePlace(ofJob: job, in: database) }
            rest -= removed + costOfRow
        }
        return true
    }

    /// Removes the lines of runs before one; numbers rise with runs, so only what goes is looked at.
    static func delete(ofRunsBefore run: Int64, of job: Int64, in database: Database) throws {
        try database.execute(
            sql: """
                DELETE FROM log_line WHERE job = ? AND number < ifnull(
                    (SELECT number FROM log_line WHERE job = ? AND run >= ? ORDER BY number LIMIT 1), ?)
                """,
            arguments: [job, job, run, Int64.max])
    }

    /// The text is kept as a JSON string, because a program may write U+0000, at which SQLite would cut it.
    func insert(into database: Database, of job: Int64) throws {
        try database.run("INSERT INTO log_line (job, number, at, step, stream, text, run) VALUES (?, ?, ?, ?, ?, ?, ?)")
        { row in
            row.bind(job)
            row.bind(number)
            row.bind(at)
            row.bind(step)
            row.bind(stream)
            row.bind(JSONText(.string(text)).text)
            row.bind(run)
        }
    }
}
