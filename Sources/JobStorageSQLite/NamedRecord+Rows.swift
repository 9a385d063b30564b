import GRDB
import JSON
import JobModel
import JobStorage

extension NamedRecord {
    /// Those that the map must hold.
    static func fetchActive(_ database: Database, damage: inout [String]) throws -> [NamedRecord] {
        let sql = "SELECT kind, name, revision, body FROM named INDEXED BY named_active WHERE is_active = 1"
        let rows = try Row.fetchCursor(database, sql: sql)
        var records: [NamedRecord] = []
        while let row = try rows.next() {
            let record = RecordID(kind: row["kind"], name: row["name"]).flatMap { id in
                (try? JSONValue.parse(row["body"] as String)).flatMap {
                    NamedRecord(id: id, revision: row["revision"], json: $0)
                }
            }
            if let record {
                records.append(record)
            } else {
                damage.append("The record of the \(row["kind"] as String) \(row["name"] as String) is damaged.")
            }
        }
        return records
    }

    static func fetch(_ database: Database, id: RecordID) throws -> NamedRecord? {
        guard let (kind, name) = id.key else { return nil }
        let statement = try database.cachedStatement(
            sql: "SELECT revision, body FROM named WHERE kind = ? AND name = ?")
        guard let row = try Row.fetchOne(statement, arguments: [kind, name]) else { return nil }
        let record = (try? JSONValue.parse(row["body"] as String)).flatMap {
            NamedRecord(id: id, revision: row["revision"], json: $0)
        }
        guard let record else { throw DamagedRecord(id: id, reason: "The record of the \(id) is damaged.") }
        return record
    }

    static func replace(
        _ before: NamedRecord?, with after: NamedRecord?, for id: RecordID, in database: Database
    ) throws {
        guard let (kind, name) = id.key else { return }
        switch (before, after) {
        case (nil, nil): return
        case (nil, let after?):
            do {
                try database.execute(
                    sql: "INSERT INTO named (kind, name, revision, is_active, body) VALUES (?, ?, ?, ?, ?)",
                    arguments: [kind, name, after.revision, after.isActive, JSONText(after.json).text])
            } catch DatabaseError.SQLITE_CONSTRAINT {
                throw WriteSet.Conflict()
            }
        case (let before?, let after?):
            try database.execute(
                sql: """
                    UPDATE named SET revision = ?, is_active = ?, body = ?
                    WHERE kind = ? AND name = ? AND revision = ?
                    """,
                arguments: [
                    after.revision, after.isActive, JSONText(after.json).text, kind, name, before.revision,
                ])
            guard database.changesCount == 1 else { throw WriteSet.Conflict() }
        case (let before?, nil):
            try database.execute(
                sql: "DELETE FROM named WHERE kind = ? AND name = ? AND revision = ?",
                arguments: [kind, name, before.revision])
            guard database.changesCount == 1 else { throw WriteSet.Conflict() }
        }
    }
}

extension RecordID {
    /// Its kind and its name in the table `named`; nil for what is kept elsewhere.
    fileprivate var key: (kind: String, name: String)? {
        switch self {
        case .batch(let id): ("batch", id.description)
        case .schedule(let name): ("schedule", name.description)
        case .upload(let id): ("upload", id.description)
        case .drain: ("drain", "")
        case .job, .file, .queue, .dedupeKey, .timeZone: nil
        }
    }

    fileprivate init?(kind: String, name: String) {
        switch kind {
        case "batch":
            guard let id = BatchID(name) else { return nil }
            self = .batch(id)
        case "schedule":
            guard let name = ScheduleName(name) else { return nil }
            self = .schedule(name)
        case "upload":
            guard let id = FileID(name) else { return nil }
            self = .upload(id)
        case "drain": self = .drain
        default: return nil
        }
    }
}

extension BatchState {
    /// Nil when there is no such batch.
    static func fetch(_ database: Database, id: BatchID) throws -> BatchState? {
        guard let batch = try NamedRecord.fetch(database, id: .batch(id))?.batch else { return nil }
        var state = BatchState(batch: batch)
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT status, count(*) AS count, sum(progress) AS progress FROM job
                WHERE batch_id = ? AND gone_at IS NULL GROUP BY status
                """, arguments: [id.description])
        while let row = try rows.next() {
            guard let status = JobStatus(rawValue: row["status"]) else { continue }
            state.add(status, count: row["count"], progress: row["progress"])
        }
        return state
    }
}
