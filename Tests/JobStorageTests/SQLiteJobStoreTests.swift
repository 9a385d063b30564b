import FoundationEssentials
import GRDB
import JSON
import JobModel
import JobStorage
import JobTesting
import Testing

@testable import JobStorageSQLite

@Suite(.timeLimit(.minutes(5)))
struct SQLiteJobStoreTests {
    let directory = TemporaryDirectory()

    @Test func whatWasCommittedIsThereAfterReopening() async throws {
        let job = Job.sample(status: .queued, files: [.sample("a")], metadata: ["a": 1])
        let first = try SQLiteJobStore.open(directory: directory.path)
        try await first.commit([.created(job)])
        await first.close()
        let second = try SQLiteJobStore.open(directory: directory.path)
        #expect(try await second.record(job.jobId) == .job(job))
        #expect(try await second.load().jobs == [job])
    }

    @Test func theWriterWaitsForTheDisk() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let settings = try await store.pool.writeWithoutTransaction { database in
            [
                try String.fetchOne(database, sql: "PRAGMA journal_mode"),
                try String.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA foreign_keys"),
            ]
        }
        #expect(settings == ["wal", "2", "1"])
    }

    @Test func aSecondDaemonIsKeptOutUntilTheFirstIsClosed() async throws {
        let first = try SQLiteJobStore.open(directory: directory.path)
        #expect(throws: OpenError.inUse(directory: directory.path)) {
            try SQLiteJobStore.open(directory: directory.path)
        }
        await first.close()
        await (try SQLiteJobStore.open(directory: directory.path)).close()
    }

    @Test func aDirectoryThatDoesNotExistIsNamed() throws {
        let path = directory.appending("missing")
        #expect(throws: OpenError.directory(path, reason: "No such file or directory")) {
            try SQLiteJobStore.open(directory: path)
        }
    }

    @Test func aNewerSchemaIsRefused() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        try await store.pool.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999')")
        }
        await store.close()
        #expect(throws: OpenError.newerSchema(path: directory.appending("jobd.sqlite"))) {
            try SQLiteJobStore.open(directory: directory.path)
        }
    }

    @Test func aFileThatIsNoDatabaseIsRefusedAndLeftAlone() throws {
        let path = directory.appending("jobd.sqlite")
        let garbage = String(repeating: "This is not a database. ", count: 1000)
        try garbage.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(throws: OpenError.self) { try SQLiteJobStore.open(directory: directory.path) }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == garbage)
    }

    @Test func aFullDiskIsSaidAndChangesNothing() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        try await store.pool.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(pages + 1)")
        }
        let small = Job.sample(jobId: .named("small"), number: 1)
        let text = JSONValue.string(String(repeating: "x", count: 60_000))
        let large = Job.sample(jobId: .named("large"), metadata: ["text": text], number: 2)
        let error = await #expect(throws: StoreError.self) {
            try await store.commit([.created(small), .created(large)])
        }
        guard case .full = error else { throw error ?? StoreError.damaged("no error") }
        #expect(try await store.record(small.jobId) == nil)
    }

    /// A statement that cannot be run takes its own decision with it, and no other.
    @Test func whatTheTablesDoNotTakeIsRefusedAlone() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let file = FileRecord(file: .sample("a"), createdAt: Timestamp(milliseconds: 0), uses: 0, revision: 1)
        let id = file.file.fileId
        try await store.commit([.file(FileEvent(fileId: id, before: nil, after: file))])
        let impossible = FileRecord(file: file.file, createdAt: file.createdAt, uses: -1, revision: 2)
        let other = Job.sample()
        let refused = try await store.commit([
            [.file(FileEvent(fileId: id, before: file, after: impossible))], [.created(other)],
        ])
        guard case .rejected? = refused[0] else { throw refused[0] ?? .damaged("not refused") }
        #expect(refused.count == 1)
        #expect(try await store.record(other.jobId) == .job(other))
    }

    // MARK: Damage

    @Test(arguments: [
        "UPDATE job SET metadata = '{\"a\":1'", "UPDATE job SET status = 'nonsense'",
        "UPDATE job_detail SET result = '{'", "UPDATE job_detail SET files = '[{}]'",
        "UPDATE job_detail SET artifacts = '[1]'", "UPDATE job_detail SET error = '{}'",
    ])
    func aRecordThatMeansNothingIsNamedAndLeftOut(damage: String) async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let job = Job.sample(
            jobId: .named("bad"), status: .processing, files: [.sample("a")], metadata: ["a": 1], result: [1],
            error: JobFailure(.exit, message: "No."),
            artifacts: [Artifact(name: .named("t"), mediaType: "text/plain", size: 1, sha256: "ab")], number: 1)
        try await store.commit([.created(job)])
        try await store.pool.write { try $0.execute(sql: damage) }
        try await store.commit([.created(.sample(jobId: .named("good"), number: 2))])
        let error = await #expect(throws: StoreError.self) { try await store.record(job.jobId) }
        guard case .damagedRecord(let id, let reason)? = error else { throw error ?? .damaged("no error") }
        #expect(id == .job(job.jobId) && reason.contains("bad"))
        let snapshot = try await store.load()
        #expect(snapshot.jobs.map(\.jobId) == [.named("good")] && snapshot.damage == [reason])
        let page = try await store.list(JobQuery())
        // A list reads neither result nor artifacts.
        let isSeen = !damage.contains("result") && !damage.contains("artifacts")
        #expect(page.jobs.map(\.jobId) == (isSeen ? [.named("good")] : [.named("good"), .named("bad")]))
        #expect(page.damage == (isSeen ? [reason] : []) && page.next == nil)
        // A create meets it.
        let refused = try await store.commit([[.created(.sample(jobId: job.jobId, number: 3))]])
        #expect(refused == [0: .damagedRecord(.job(job.jobId), reason: reason)])
    }

    @Test func theLogIsCutOnceNobodyReadsItAnyMore() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let limit = try await store.pool.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "PRAGMA journal_size_limit")
        }
        #expect(limit == SQLiteJobStore.logLimit)
        try await store.commit([.created(.sample())])
        #expect(store.logBytes > 0)
    }

    @Test func theSpaceOfWhatIsGoneComesBackPieceByPiece() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let text = JSONValue.string(String(repeating: "x", count: 60_000))
        var jobs: [Job] = []
        for number in 1...200 {
            jobs.append(
                .sample(jobId: .named("j\(number)"), status: .completed, metadata: ["t": text], number: Int64(number)))
        }
        try await store.commit(jobs.map { .created($0) })
        func pages() async throws -> Int {
            try await store.pool.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
        }
        let full = try await pages()
        #expect(try await store.reclaimSpace() == false)
        #expect(try await pages() == full)
        try await store.commit(jobs.map { .deleted($0) })
        var steps = 0
        while try await store.reclaimSpace() { steps += 1 }
        #expect(steps > 1)
        #expect(try await pages() < full / 2)
    }

    /// What is left of a small job takes much less than the job, and in pages of its own.
    @Test func smallJobsThatAreDeletedLeaveMostOfTheirPages() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let jobs = (1...1000).map { number in
            Job.sample(
                jobId: .named("job-0123456789-\(number)"), status: .completed, attempt: 1, runner: .jobd,
                number: Int64(number))
        }
        func usedPages() async throws -> Int {
            try await store.pool.read { database in
                let counts = try ["page_count", "freelist_count"].map {
                    try Int.fetchOne(database, sql: "PRAGMA \($0)") ?? 0
                }
                return counts[0] - counts[1]
            }
        }
        let empty = try await usedPages()
        try await store.commit(jobs.map { .created($0) })
        let full = try await usedPages() - empty
        try await store.commit(jobs.map { .deleted($0) })
        #expect(try await usedPages() - empty < full * 6 / 10)
        for job in [jobs[0], jobs[999]] {
            #expect(try await store.record(job.jobId) == .gone(job.tombstone(at: job.times.createdAt)))
        }
    }

    /// An earlier version has left the whole row.
    @Test func whatWasDeletedBeforeBecomesATombstoneInPieces() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        let jobs = (1...9).map { Job.sample(jobId: .named("j\($0)"), status: .failed, number: Int64($0)) }
        try await store.commit(jobs.map { .created($0) })
        let moment = jobs[0].times.createdAt
        try await store.pool.write { database in
            try database.execute(
                sql: "UPDATE job SET status = 'gone', gone_status = 'failed', gone_at = ?, revision = revision + 1",
                arguments: [moment.milliseconds])
        }
        func rows() async throws -> Int {
            try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM job") ?? 0 }
        }
        var counts = [9]
        repeat {
            for job in jobs { #expect(try await store.record(job.jobId) == .gone(job.tombstone(at: moment))) }
            counts.append(try await rows())
        } while try await store.removeLinesOfDeletedJobs(limit: 8)
        #expect(counts.count > 3 && zip(counts, counts.dropFirst()).allSatisfy { $0 - $1 <= 2 })
        #expect(try await rows() == 0)
        #expect(try await store.load().nextNumber == 10)
        // Their ids are free again; the last number is not given again.
        func removed() async throws -> Int {
            try await store.removeTombstones(goneBefore: moment + .seconds(1), limit: 100).count
        }
        #expect(try await removed() == 9)
        #expect(try StoreReader(directory: directory.path).counts().gone == 0)
        for job in jobs { #expect(try await store.record(job.jobId) == nil) }
        #expect(try await removed() == 0)
        #expect(try await store.load().nextNumber == 10)
        let later = Job.sample(jobId: jobs[0].jobId, status: .failed, number: 10)
        try await store.commit([.created(later)])
        try await store.commit([.deleted(later)])
        #expect(try await removed() == 1)
        #expect(try await store.load().nextNumber == 11)
    }

    /// A log of any length goes in pieces, after its job.
    @Test func theLinesOfDeletedJobsGoPieceByPiece() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        var events: [Event] = []
        for number in 1...3 {
            var job = Job.sample(jobId: .named("j\(number)"), status: .completed, number: Int64(number))
            job.progress.lineCount = 25
            let lines = (1...25).map { LogLine.sample("\($0)").numbered(Int64($0)) }
            events.append(.job(JobEvent(kind: .created, before: nil, after: .job(job), lines: lines)))
            guard number != 2 else { continue }
            let gone = job.tombstone(at: job.times.createdAt)
            events.append(.job(JobEvent(kind: .deleted, before: .job(job), after: .gone(gone))))
        }
        for event in events { try await store.commit([event]) }
        func count() async throws -> Int {
            try await store.pool.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM log_line") ?? 0 }
        }
        #expect(try await store.lines(of: .named("j1"), run: nil, after: 0, limit: 9) == [])
        var counts = [try await count()]
        while try await store.removeLinesOfDeletedJobs(limit: 10) { counts.append(try await count()) }
        #expect(counts.first == 75)
        #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 - $1 <= 10 })
        #expect(try await count() == 25)
        #expect(try await store.lines(of: .named("j2"), run: nil, after: 0, limit: 99).count == 25)
    }

    /// A page of a long list is found by the index, and so are the jobs to load.
    @Test func commonReadsUseTheirIndexes() async throws {
        let store = try SQLiteJobStore.open(directory: directory.path)
        func plan(_ sql: String) async throws -> String {
            try await store.pool.read { database in
                try Row.fetchAll(database, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
                    .joined(separator: "; ")
            }
        }
        let page = try await plan(
            """
            \(JobColumn.selection) WHERE gone_at IS NULL AND (created_at, job.number) < (5, 5)
            ORDER BY created_at DESC, job.number DESC LIMIT 51
            """)
        #expect(page.contains("job_by_creation") && !page.contains("TEMP B-TREE"))
        let load = try await plan("\(JobColumn.selection) WHERE \(SQLiteJobStore.active) ORDER BY job.number")
        #expect(load.contains("job_active") && !load.contains("TEMP B-TREE"))
        let expired = try await plan(SQLiteJobStore.expiredJobs(types: 1).replacing("?", with: "5"))
        #expect(expired.contains("job_by_end") && expired.contains("job_active"))
        #expect(try await plan(LogLine.deletedJob).contains("job_gone"))
        #expect(try await plan(Tombstone.old.replacing("?", with: "5")).contains("tombstone_by_age"))
        let oldest = try await plan(SQLiteJobStore.oldestEndedJobs.replacing("?", with: "5"))
        #expect(oldest.contains("job_by_end") && !oldest.contains("TEMP B-TREE"))
    }

    /// Also one that an earlier version has left open to a group.
    @Test func theFileIsReadByNobodyElse() async throws {
        let path = directory.appending("jobd.sqlite")
        FileOnDisk.write("", to: path, mode: 0o644)
        let store = try SQLiteJobStore.open(directory: directory.path)
        try await store.commit([.created(.sample())])
        for name in ["jobd.sqlite", "jobd.sqlite-wal", "jobd.sqlite-shm"] {
            #expect(FileOnDisk(directory.appending(name))?.mode == 0o600, "\(name)")
        }
    }

    /// A database of every released schema opens, and holds what was put there.
    @Test(arguments: 1...13)
    func keptDatabasesOpen(schema: Int) async throws {
        let kept = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/stores/schema-\(schema).sqlite")
        try FileManager.default.copyItem(
            atPath: kept.path(percentEncoded: false), toPath: directory.appending("jobd.sqlite"))
        let store = try SQLiteJobStore.open(directory: directory.path)
        for case .job(let event) in KeptDatabase.events(ofSchema: schema) {
            #expect(try await store.record(event.after.jobId) == event.after)
        }
        #expect(try await store.load().pausedQueues == ["slow"])
        #expect(try await store.deliveries(DeliveryQuery()).isEmpty)
        let totals = try await store.totals()
        for status in JobStatus.allCases where status != .blocked || schema >= 10 {
            #expect(totals.count(of: status) == 1)
        }
        #expect(totals.ended.count == 3 && totals.ended.bytes == KeptDatabase.file.size)
        #expect(totals.files == 1 && totals.fileBytes == KeptDatabase.file.size)
        #expect(totals.chargedBytes == [nil: KeptDatabase.file.size])
        #expect(try await store.pool.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
        #expect(try await store.load().clock?.now == KeptDatabase.now)
        #expect(try await store.lines(of: .named("kept-failed"), run: nil, after: 0, limit: 10).count == 2)
        #expect(try await store.files([KeptDatabase.file.fileId]).first?.uses == 1)
    }

    /// Makes the kept database of today's schema: `KEEP_DATABASE=PATH swift test --filter makesTheKeptDatabase`.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["KEEP_DATABASE"] != nil))
    func makesTheKeptDatabase() async throws {
        let path = try #require(ProcessInfo.processInfo.environment["KEEP_DATABASE"])
        let store = try SQLiteJobStore.open(directory: directory.path)
        try await store.commit(KeptDatabase.events(ofSchema: 13))
        try await store.keep(ClockAnchor(now: KeptDatabase.now, bootId: "kept", passed: 1000))
        await store.close()
        try FileManager.default.copyItem(atPath: directory.appending("jobd.sqlite"), toPath: path)
    }
}

/// What the kept databases hold: a job in each state, a tombstone, a file, lines and a paused queue.
private enum KeptDatabase {
    static let file = JobFile.sample("kept")

    static let now = Timestamp(milliseconds: 1_795_435_200_000)

    /// What there was to put into a database of this schema.
    static func events(ofSchema schema: Int) -> [Event] {
        var events: [Event] = []
        // What came later stands last, so that the others are what they were: nobody waited for others before the tenth.
        let statuses = JobStatus.allCases.filter { $0 != .blocked } + (schema >= 10 ? [.blocked] : [])
        // The tenth was kept without owners and workers.
        let (hasOwners, hasWorkers) = ([8, 9, 11, 12, 13].contains(schema), [9, 11, 12, 13].contains(schema))
        for (index, status) in statuses.enumerated() {
            let owner = status == .scheduled && hasOwners ? "ann" : nil
            var job = Job.sample(
                jobId: .named("kept-\(status.rawValue)"), status: status, progress: Double(index) * 12.5,
                message: "In the state \(status.rawValue)", attempt: 1, runner: .jobd, version: 5, createdAt: now,
                files: status == .completed ? [file] : [], runAt: status == .scheduled ? now : nil,
                metadata: ["index": JSONValue(index)], result: status == .completed ? ["pages": 10] : nil,
                error: status == .failed ? JobFailure(.exit, message: "It failed.", exitCode: 1) : nil,
                number: Int64(index + 1), owner: owner, account: owner.map(Account.owner))
            if status == .processing, hasWorkers { (job.lease.runner, job.lease.worker) = (.worker, "w 1") }
            let lines: [LogLine] = status == .failed ? [.sample("one").numbered(1), .sample("two").numbered(2)] : []
            events.append(.job(JobEvent(kind: .created, before: nil, after: .job(job), lines: lines)))
        }
        let gone = Job.sample(jobId: .named("kept-gone"), status: .cancelled, createdAt: now, number: 99)
        events.append(.job(JobEvent(kind: .created, before: nil, after: .gone(gone.tombstone(at: now)))))
        events.append(
            .file(
                FileEvent(
                    fileId: file.fileId, before: nil,
                    after: FileRecord(file: file, createdAt: now, uses: 1, revision: 2))))
        events.append(.queue(name: "slow", wasPaused: false, isPaused: true))
        return events
    }
}
