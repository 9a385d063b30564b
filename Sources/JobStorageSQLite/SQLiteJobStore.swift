import CSQLite
import Glibc
import GRDB
package import JobModel
package import JobStorage

/// A store in one SQLite file, `jobd.sqlite`, in a directory that belongs to one daemon.
///
/// One writer, and readers that never wait for it (WAL). A commit returns after the log is on the disk
/// (`synchronous=FULL`).
package final class SQLiteJobStore: JobStore {
    let pool: DatabasePool
    /// What may take long reads apart, so that nobody who asks for one job waits behind it.
    let lists: DatabasePool
    private let recordReads: RecordReads
    private let lock: DirectoryLock

    /// Opens the store of a directory, which must exist; makes it when there is none.
    ///
    /// - Throws: ``OpenError``, in words for the operator.
    package static func open(directory: String) throws -> SQLiteJobStore {
        let lock = try DirectoryLock(directory: directory)
        let path = "\(directory)/jobd.sqlite"
        closeToOthers(path)
        _ = settings
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB chooses NORMAL for WAL, which can lose the last commits in a power cut.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // The log grows while a reader holds it; afterwards it is cut to this again.
                _ = try Row.fetchAll(database, sql: "PRAGMA journal_size_limit = \(logLimit)")
                _ = try Row.fetchAll(database, sql: "PRAGMA wal_autocheckpoint = \(logPages)")
            }
            let isNewer = try pool.read { try Schema.migrator.hasBeenSuperseded($0) }
            guard !isNewer else { throw OpenError.newerSchema(path: path) }
            try Schema.migrator.migrate(pool)
            try pool.writeWithoutTransaction(Schema.makeSpaceReclaimable)
            var ofLists = configuration
            ofLists.label = "jobd.lists"
            ofLists.readonly = true
            ofLists.maximumReaderCount = 2
            return SQLiteJobStore(pool: pool, lists: try DatabasePool(path: path, configuration: ofLists), lock: lock)
        } catch let error as DatabaseError {
            throw OpenError(error, path: path)
        }
    }

    /// Those of the whole process, made once.
    private static let settings: Void = sqlite_count_no_memory()

    /// Makes the file when it is missing, and lets nobody else read it; SQLite makes its companions like it.
    ///
    /// Before it is in use: a process that closes a file loses its locks on it. What goes wrong here the database says itself.
    private static func closeToOthers(_ path: String) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        fchmod(descriptor, 0o600)
        Glibc.close(descriptor)
    }

    private init(pool: DatabasePool, lists: DatabasePool, lock: DirectoryLock) {
        self.pool = pool
        self.lists = lists
        recordReads = RecordReads(pool: pool)
        self.lock = lock
    }

    /// Bytes that the write-ahead log may keep.
    static let logLimit = 64 * 1024 * 1024
    /// Pages (16 MB) after which the log is copied to the database: each changed page once, and most commits change the same few.
    private static let logPages = 4000

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "jobd"
        configuration.maximumReaderCount = 3
        configuration.busyMode = .timeout(5)
        return configuration
    }

    package func close() async {
        try? lists.close()
        _ = try? await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        try? pool.close()
        lock.unlock()
    }

    // MARK: Writing

    package func commit(_ decisions: [[Event]], whenDone done: @escaping @Sendable (CommitOutcome) -> Void) {
        pool.asyncWriteWithoutTransaction { database in
            done(Result { () throws(StoreError) in try Transaction(decisions: decisions).commit(to: database) })
        }
    }

    package func checkWritable() async throws(StoreError) {
        do {
            try await pool.writeWithoutTransaction { try $0.overwriteUnsynced() }
        } catch {
            throw StoreError(error)
        }
    }

    package func keep(_ clock: ClockAnchor) async throws(StoreError) { try await write { try clock.replace(in: $0) } }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.write(body)
        } catch {
            throw StoreError(error)
        }
    }

    /// The size of the write-ahead log.
    package var logBytes: Int {
        var status = stat()
        return stat(pool.path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    // MARK: Reading

    package func load() async throws(StoreError) -> Snapshot {
        try await read { database in
            var damage: [String] = []
            let jobs = try Job.fetchAll(database, where: Self.active + " ORDER BY job.number", damage: &damage)
            let awaited = Set(jobs.filter { $0.status == .blocked }.flatMap(\.asked.terms.after)).subtracting(
                jobs.map(\.jobId))
            let named = try NamedRecord.fetchActive(database, damage: &damage)
            return Snapshot(
                jobs: jobs,
                pausedQueues: try String.fetchAll(database, sql: "SELECT name FROM paused_queue ORDER BY name"),
                nextNumber: (try Int64.fetchOne(database, sql: Tombstone.lastNumber) ?? 0) + 1,
                clock: try ClockAnchor.fetch(database), damage: damage,
                awaited: try awaited.compactMap { try JobRecord.fetch(database, id: $0) }, named: named)
        }
    }

    package func record(_ id: JobID) async throws(StoreError) -> JobRecord? {
        do {
            return try await recordReads.record(id)
        } catch {
            throw StoreError(error)
        }
    }

    package func files(_ ids: [FileID]) async throws(StoreError) -> [FileRecord] {
        try await read { database in try ids.compactMap { try FileRecord.fetch(database, id: $0) } }
    }

    package func named(_ id: RecordID) async throws(StoreError) -> NamedRecord? {
        try await read { try NamedRecord.fetch($0, id: id) }
    }

    package func batch(_ id: BatchID) async throws(StoreError) -> BatchState? {
        try await read { try BatchState.fetch($0, id: id) }
    }

    /// In the words of the index that finds it: NULLs, of jobs that have not ended, come last.
    static let jobsWithKey = """
        SELECT id FROM job WHERE dedupe_key = ? AND gone_at IS NULL ORDER BY finished_at IS NULL DESC, finished_at DESC
        LIMIT 1
        """

    package func job(with key: JobKey) async throws(StoreError) -> JobRecord? {
        try await read { database in
            let id = try String.fetchOne(database, sql: Self.jobsWithKey, arguments: [key.description])
            return try id.flatMap(JobID.init).flatMap { try JobRecord.fetch(database, id: $0) }
        }
    }

    /// The jobs that are not final, in the words of the index that finds them.
    static let active = "finished_at IS NULL AND gone_at IS NULL"

    package func list(_ query: JobQuery) async throws(StoreError) -> JobPage {
        do {
            return try await lists.read { try query.fetch($0) }
        } catch {
            throw StoreError(error)
        }
    }

    package func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]
    {
        try await read { try LogLine.fetchAll($0, of: id, run: run, after: number, limit: limit) }
    }

    package func totals() async throws(StoreError) -> StoreTotals { try await read(StoreTotals.init) }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        do {
            return try await pool.read(body)
        } catch {
            throw StoreError(error)
        }
    }
}
