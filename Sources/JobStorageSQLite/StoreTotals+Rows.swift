import GRDB
import JobModel
import JobStorage

extension StoreTotals {
    init(_ database: Database) throws {
        self.init()
        for row in try Row.fetchAll(database, sql: "SELECT queue, status, count FROM job_total") {
            guard let status = JobStatus(rawValue: row["status"]) else { continue }
            jobs[Key(queue: row["queue"], status: status)] = row["count"]
            if status.isFinal { ended.count += row["count"] }
        }
        ended.bytes = try Int64.fetchOne(database, sql: "SELECT bytes FROM ended_total") ?? 0
        if let row = try Row.fetchOne(database, sql: "SELECT count, bytes FROM file_total") {
            (files, fileBytes) = (row["count"], row["bytes"])
        }
        for row in try Row.fetchAll(database, sql: "SELECT account, bytes FROM account_total") {
            chargedBytes[Account(row["account"] as String)] = row["bytes"]
        }
    }

    /// Adds what a commit changes to what is stored.
    func add(to database: Database) throws {
        let countJobs = """
            INSERT INTO job_total (queue, status, count) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET count = count + excluded.count
            """
        for (key, count) in jobs where count != 0 {
            try database.run(countJobs) { row in
                row.bind(key.queue)
                row.bind(key.status.rawValue)
                row.bind(count)
            }
        }
        try addChargedBytes(to: database)
        if ended.bytes != 0 { try addBytesOfEndedJobs(to: database) }
        guard files != 0 || fileBytes != 0 else { return }
        // What the sum cannot hold would become a fraction, which the column refuses: no file could be stored any more.
        let countFiles = """
            UPDATE file_total SET count = count + ?1,
                bytes = min(max(bytes + max(min(?2, 1 << 61), -(1 << 61)), -(1 << 61)), 1 << 61)
            """
        try database.run(countFiles) { row in
            row.bind(files)
            row.bind(fileBytes)
        }
        guard database.changesCount == 1 else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "file_total has no row")
        }
    }

    private func addBytesOfEndedJobs(to database: Database) throws {
        let sql = """
            UPDATE ended_total SET bytes = min(max(bytes + max(min(?1, 1 << 61), -(1 << 61)), -(1 << 61)), 1 << 61)
            """
        try database.run(sql) { $0.bind(ended.bytes) }
        guard database.changesCount == 1 else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "ended_total has no row")
        }
    }

    private func addChargedBytes(to database: Database) throws {
        let countBytes = """
            INSERT INTO account_total (account, bytes) VALUES (?1, max(min(?2, 1 << 61), -(1 << 61)))
            ON CONFLICT DO UPDATE SET bytes = min(max(bytes + excluded.bytes, -(1 << 61)), 1 << 61)
            """
        for (account, bytes) in chargedBytes where bytes != 0 {
            let name = account?.description ?? ""
            try database.run(countBytes) { row in
                row.bind(name)
                row.bind(bytes)
            }
            if bytes < 0 {
                try database.execute(
                    sql: "DELETE FROM account_total WHERE account = ? AND bytes = 0", arguments: [name])
            }
        }
    }
}
