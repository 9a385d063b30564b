import GRDB
import JobModel
import JobStorage

extension ClockAnchor {
    static func fetch(_ database: Database) throws -> ClockAnchor? {
        try Row.fetchOne(database, sql: "SELECT now, boot_id, passed FROM clock").map { row in
            ClockAnchor(now: Timestamp(stored: row["now"]), bootId: row["boot_id"], passed: row["passed"])
        }
    }

    func replace(in database: Database) throws {
        try database.execute(sql: "DELETE FROM clock")
        try database.execute(
            sql: "INSERT INTO clock (now, boot_id, passed) VALUES (?, ?, ?)",
            arguments: [now.milliseconds, bootId, passed])
    }
}
