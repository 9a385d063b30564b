import GRDB

/// The tables, as a list of steps from nothing to today.
///
/// A new step is a new migration at the end; one that was released never changes. With each comes a kept database of the new
/// schema in the fixtures (`KeptDatabase`), which every later version must open.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        migrator.registerMigration("2") {
            try $0.execute(sql: "CREATE INDEX file_unused ON file (created_at) WHERE uses = 0")
        }
        migrator.registerMigration("3") {
            try $0.execute(
                sql: "CREATE INDEX job_by_end ON job (finished_at) WHERE status IN ('completed', 'failed', 'cancelled')"
            )
        }
        migrator.registerMigration("4") { try $0.execute(sql: indexesOfNulls) }
        migrator.registerMigration("5") { try $0.execute(sql: "ALTER TABLE job_detail ADD COLUMN traceparent TEXT") }
        migrator.registerMigration("6") { try $0.execute(sql: totalsAndShortMetadata) }
        migrator.registerMigration("7") { try $0.execute(sql: runs) }
        migrator.registerMigration("8") { try $0.execute(sql: owners) }
        migrator.registerMigration("9") { try $0.execute(sql: leases) }
        migrator.registerMigration("10") { try $0.execute(sql: wholeLives) }
        migrator.registerMigration("11") { try $0.execute(sql: accounts) }
        migrator.registerMigration("12") { try $0.execute(sql: outbox) }
        migrator.registerMigration("13") { try $0.execute(sql: tombstones) }
        return migrator
    }

    /// Lets a database give unused pages back piece by piece; one that was made without rewrites itself once.
    static func makeSpaceReclaimable(_ database: Database) throws {
        let incremental = 2
        guard try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") != incremental else { return }
        try database.execute(sql: "PRAGMA auto_vacuum = \(incremental)")
        try database.execute(sql: "VACUUM")
    }
}
