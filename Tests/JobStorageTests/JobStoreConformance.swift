import JSON
import JobModel
import JobStorage
import JobStorageSQLite
import JobTesting
import Testing

/// A store to test, with the directory that it may use.
enum StoreMaker: String, CaseIterable, Sendable {
    case memory, sqlite

    func make(in directory: TemporaryDirectory) throws -> any JobStore {
        switch self {
        case .memory: MemoryJobStore()
        case .sqlite: try SQLiteJobStore.open(directory: directory.path)
        }
    }
}

/// What every store must do, with the same expectations.
struct JobStoreConformance {
    let directory = TemporaryDirectory()
    let now = Timestamp(milliseconds: 1_000_000)

    @Test(arguments: StoreMaker.allCases)
    func aStoreSaysWhetherItTakesChanges(maker: StoreMaker) async throws {
        try await maker.make(in: directory).checkWritable()
    }

    // MARK: What is stored under a name

    @Test(arguments: StoreMaker.allCases)
    func whatWasAskedOfALifeComesBack(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var job = Job.sample(status: .blocked)
        job.asked.terms = JobTerms(
            timeouts: TimeLimits(
                queued: .seconds(1), running: .milliseconds(1500), silence: .seconds(3), total: .seconds(4)),
            retry: RetryPolicy(delay: .seconds(5), maximumDelay: .seconds(60)),
            limitKey: JobKey("limit \"1\"", owner: "anna"), dedupeKey: JobKey("dedupe"),
            after: [.named("a"), .named("b")], afterPolicy: .ended, follows: BatchID("whole"),
            batchId: BatchID("part"), schedule: ScheduleName("nightly"), excused: [.named("a"): 4],
            namedStart: Timestamp(milliseconds: 77))
        try await store.commit([.created(job)])
        #expect(try await store.record(job.jobId) == .job(job))
    }

    @Test(arguments: StoreMaker.allCases)
    func aNamedRecordIsKeptChangedAndRemoved(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let id = try #require(BatchID("b-1"))
        var batch = JobBatch(
            batchId: id, owner: "anna", createdAt: now, metadata: JSONText(["a": .number("1.50")]), size: 2,
            then: .named("then"))
        func event(_ before: NamedRecord?, _ after: NamedRecord?, _ id: RecordID) -> Event {
            .named(NamedEvent(id: id, before: before, after: after))
        }
        try await store.commit([event(nil, .batch(batch), .batch(id))])
        #expect(try await store.named(.batch(id)) == .batch(batch))
        #expect(try await store.load().named == [.batch(batch)])
        let first = batch
        batch.completed = 2
        batch.finishedAt = now
        batch.revision = 2
        try await store.commit([event(.batch(first), .batch(batch), .batch(id))])
        #expect(try await store.named(.batch(id)) == .batch(batch))
        #expect(try await store.load().named.isEmpty, "what has ended is not loaded")
        let name = try #require(ScheduleName("nightly"))
        let plan = Schedule.Plan(
            cron: "0 2 * * *", timeZone: "Europe/Berlin", jobType: "report", queue: "wide",
            metadata: JSONText(["x": 1]), missed: .all, overlap: true)
        let upload = UploadRecord(
            UploadCreation(fileId: .named("file_1"), kind: .joined([.named("file_2")]), name: "a", metadata: "b YQ=="),
            owner: "ann", account: .owner("ann"), createdAt: now, length: 7)
        let schedule = Schedule(name: name, plan: plan, source: .api, doneUntil: now, lastJobId: .named("last"))
        try await store.commit([
            event(nil, .schedule(schedule), .schedule(name)), event(nil, .drain(revision: 1), .drain),
            event(nil, .upload(upload), .upload(upload.fileId)),
        ])
        #expect(
            Set(try await store.load().named) == [.schedule(schedule), .drain(revision: 1), .upload(upload)])
        try await store.commit([event(.drain(revision: 1), nil, .drain)])
        #expect(try await store.named(.drain) == nil)
    }

    @Test(arguments: StoreMaker.allCases)
    func aNamedRecordOfAnotherRevisionIsAConflict(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let id = try #require(BatchID("b-1"))
        let batch = JobBatch(batchId: id, owner: nil, createdAt: now, metadata: .emptyObject, size: 1, then: nil)
        let event = Event.named(NamedEvent(id: .batch(id), before: nil, after: .batch(batch)))
        try await store.commit([event])
        let outcome = try await store.commit([[event]])
        #expect(outcome[0] == .conflict(.init(named: [.batch(batch)])))
    }

    @Test(arguments: StoreMaker.allCases)
    func theJobWithAKeyIsTheOneThatHasNotEnded(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let key = JobKey("order-1")
        #expect(try await store.job(with: key) == nil)
        for (number, status) in [(1, JobStatus.completed), (2, .failed), (3, .queued)] {
            var job = Job.sample(jobId: .named("j\(number)"), status: status, number: Int64(number))
            if status.isFinal { job.times.finishedAt = now + .seconds(number) }
            job.asked.terms.dedupeKey = key
            try await store.commit([.created(job)])
            #expect(try await store.job(with: key)?.jobId == job.jobId)
        }
        #expect(try await store.job(with: JobKey("order-1", owner: "anna")) == nil)
    }

    @Test(arguments: StoreMaker.allCases)
    func aBatchIsReadWithItsJobs(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let id = try #require(BatchID("b-1"))
        #expect(try await store.batch(id) == nil)
        var batch = JobBatch(batchId: id, owner: nil, createdAt: now, metadata: .emptyObject, size: 4, then: nil)
        batch.completed = 1
        var events: [Event] = [.named(NamedEvent(id: .batch(id), before: nil, after: .batch(batch)))]
        for (number, status) in [(1, JobStatus.completed), (2, .processing), (3, .processing), (4, .queued)] {
            var job = Job.sample(
                jobId: .named("j\(number)"), status: status, progress: 25, runner: .jobd, number: Int64(number))
            job.asked.terms.batchId = id
            events.append(.created(job))
        }
        try await store.commit(events)
        let state = try #require(try await store.batch(id))
        #expect(state.counts.filter { $0.value > 0 } == [.completed: 1, .processing: 2, .queued: 1])
        #expect(state.progress == 43.8)
    }

    @Test(arguments: StoreMaker.allCases)
    func whatOthersWaitForIsLoadedWithThem(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let ended = Job.sample(jobId: .named("ended"), status: .completed, number: 1)
        var waiting = Job.sample(jobId: .named("waiting"), status: .blocked, number: 2)
        waiting.asked.terms.after = [ended.jobId, .named("waiting-too")]
        try await store.commit([.created(ended), .created(waiting)])
        #expect(try await store.load().awaited == [.job(ended)])
    }

    // MARK: Records

    @Test(arguments: StoreMaker.allCases)
    func everyFieldOfAJobComesBack(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var job = Job.sample(
            status: .failed, progress: 42.5, message: "Käse \u{1F600} \"quoted\"\n", queue: "wide", priority: -7,
            attempt: 3, runner: .jobd, version: 12, files: [.sample("a"), .sample("b")], runAt: now,
            metadata: ["n": .number("1e400"), "deep": ["x": [1, 2, .null]]], result: ["pages": 3],
            error: JobFailure(.signal, message: "It died.", step: "s", exitCode: 3, signal: "SIGSEGV", cause: "why"),
            artifacts: [
                Artifact(
                    name: try #require(ArtifactName("text.txt")), mediaType: "text/plain", size: 5, sha256: "ab")
            ], owner: "ann")
        job.progress.step = "extract-text"
        job.runs.crashes = 2
        job.runs.releases = 1
        job.lease.seconds = 30
        job.lease.heardAt = now
        job.lease.worker = "encoder 7"
        job.lease.token = LeaseToken("offer-1")
        job.runs.last = 17
        job.runs.earlier = [
            EarlierAttempt(
                run: 16, attempt: 2, startedAt: now, finishedAt: now + .seconds(1), error: job.outcome.error),
            EarlierAttempt(run: nil, attempt: 1, startedAt: nil, finishedAt: now, error: nil),
        ]
        job.times.cancelRequestedAt = now
        job.progress.lineCount = 4
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job)))])
        #expect(try await store.record(job.jobId) == .job(job))
        #expect(try await store.record(.named("other")) == nil)
    }

    @Test(arguments: StoreMaker.allCases)
    func aChangeReplacesEveryField(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let created = Job.sample()
        try await store.commit([.created(created)])
        var running = created.next { $0.status = .processing }
        running.runs.attempt = 1
        running.lease.runner = .jobd
        running.times.startedAt = now
        running.input.isWhole = true
        running.input.files = [.sample("a")]
        try await store.commit([.change(created, running, .started)])
        #expect(try await store.record(created.jobId) == .job(running))
        let ended = running.next { job in
            job.status = .completed
            job.times.finishedAt = now
            job.progress.percent = 100
            job.outcome.result = JSONText(["ok": true])
        }
        try await store.commit([.change(running, ended, .finished)])
        #expect(try await store.record(created.jobId) == .job(ended))
    }

    @Test(arguments: StoreMaker.allCases)
    func aChangeOfAnyFieldAloneIsKept(maker: StoreMaker) async throws {
        let later = now + .seconds(1)
        let changes: [(inout Job) -> Void] = [
            { $0.status = .queued }, { $0.progress.percent = 1 }, { $0.progress.step = "s" },
            { $0.progress.message = "m" }, { $0.runs.attempt += 1 },
            { $0.runs.crashes += 1 }, { $0.runs.releases += 1 }, { $0.runs.last = 5 }, { $0.asked.priority = 9 },
            { $0.lease.seconds = 5 }, { $0.lease.heardAt = later },
            { $0.lease.worker = "w" }, { $0.lease.token = LeaseToken("offer-1") },
            { $0.lease.runner = .application }, { $0.version += 1 }, { $0.times.updatedAt = later },
            { $0.times.startedAt = later }, { $0.times.finishedAt = later }, { $0.times.runAt = later },
            { $0.times.cancelRequestedAt = later },
            { $0.input.files = [.sample("a")] }, { $0.input.metadata = JSONText(["a": 1]) },
            { $0.outcome.result = JSONText([1]) },
            {
                $0.runs.earlier = [
                    .init(run: 1, attempt: 1, startedAt: nil, finishedAt: later, error: nil)
                ]
            },
            {
                $0.outcome.artifacts = [Artifact(name: .named("a.txt"), mediaType: "text/plain", size: 1, sha256: "ab")]
            },
            { $0.outcome.error = JobFailure(.lost, message: "It was lost.") }, { $0.input.isWhole.toggle() },
            { $0.progress.lineCount += 1 },
            { $0.asked.terms.limitKey = JobKey("k", owner: "anna") }, { $0.times.queuedAt = later },
            { $0.times.retriedAt = later },
            { $0.asked.terms.excused = [.named("other"): 7] },
            { $0.asked.terms.namedStart = Timestamp(milliseconds: 78) },
            { $0.input.traceParent = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01") },
        ]
        let store = try maker.make(in: directory)
        var job = Job.sample()
        try await store.commit([.created(job)])
        var changed: Set<String> = []
        for change in changes {
            var next = job
            change(&next)
            let before = job.fields
            changed.formUnion(next.fields.filter { $0.value != before[$0.key] }.keys)
            next.revision += 1
            try await store.commit([.change(job, next, .updated)])
            #expect(try await store.record(job.jobId) == .job(next))
            job = next
        }
        let fixed: Set<String> = [
            "jobId", "number", "revision", "asked.jobType", "asked.owner", "asked.account", "asked.queue",
            "asked.maxAttempts", "times.createdAt",
        ]
        #expect(changed == Set(job.fields.keys).subtracting(fixed))
    }

    @Test(arguments: StoreMaker.allCases)
    func manyEventsOfOneJobAreOneChange(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let created = Job.sample()
        let queued = created.next { $0.status = .queued }
        let running = queued.next { $0.status = .processing }
        try await store.commit([
            .created(created), .change(created, queued, .queued), .change(queued, running, .started),
        ])
        #expect(try await store.record(created.jobId) == .job(running))
    }

    @Test(arguments: StoreMaker.allCases)
    func aDeletedJobLeavesItsTombstone(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample(status: .completed, metadata: ["a": 1], owner: "ann")
        let tombstone = job.tombstone(at: now)
        let lines: [LogLine] = [.sample("one").numbered(1)]
        try await store.commit([
            .job(JobEvent(kind: .created, before: nil, after: .job(job), lines: lines))
        ])
        try await store.commit([.job(JobEvent(kind: .deleted, before: .job(job), after: .gone(tombstone)))])
        #expect(try await store.record(job.jobId) == .gone(tombstone))
        #expect(try await store.lines(of: job.jobId, run: nil, after: 0, limit: 10) == [])
        #expect(try await store.removeLinesOfDeletedJobs(limit: 10) == false)
        #expect(try await store.list(JobQuery()).jobs == [])
        await #expect(throws: StoreError.conflict(.init(jobs: [.gone(tombstone)]))) {
            try await store.commit([.created(job)])
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func aJobThatCameAndWentInOneCommitLeavesItsTombstone(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample(status: .completed, owner: "ann")
        let tombstone = job.tombstone(at: now)
        try await store.commit([
            .created(job), .job(JobEvent(kind: .deleted, before: .job(job), after: .gone(tombstone))),
        ])
        #expect(try await store.record(job.jobId) == .gone(tombstone))
    }

    @Test(arguments: StoreMaker.allCases)
    func theLastReadingOfTheClockIsKept(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        #expect(try await store.load().clock == nil)
        let last = ClockAnchor(now: now, bootId: "b", passed: 77)
        for clock in [ClockAnchor(now: now + .seconds(9), bootId: "a", passed: 5), last] { try await store.keep(clock) }
        #expect(try await store.load().clock == last)
    }

    // MARK: Conflicts

    @Test(arguments: StoreMaker.allCases)
    func aJobThatExistsIsNotCreatedAgain(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        try await store.commit([.created(job)])
        let other = Job.sample(message: "other", number: 2)
        await #expect(throws: StoreError.conflict(.init(jobs: [.job(job)]))) {
            try await store.commit([.created(other)])
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func aStaleOrMissingRevisionWritesNothingAtAll(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        try await store.commit([.created(job)])
        var stale = job
        stale.revision = 7
        let bystander = Job.sample(jobId: .named("bystander"), number: 2)
        await #expect(throws: StoreError.self) {
            try await store.commit([
                .created(bystander), .change(stale, stale.next { $0.progress.percent = 5 }, .updated),
            ])
        }
        #expect(try await store.record(bystander.jobId) == nil)
        #expect(try await store.record(job.jobId) == .job(job))
        let missing = Job.sample(jobId: .named("missing"), number: 3)
        await #expect(throws: StoreError.conflict(.init(missing: [.job(missing.jobId)]))) {
            try await store.commit([.change(missing, missing.next { $0.progress.percent = 5 }, .updated)])
        }
    }

    /// Two changes of one record that both replace the same state: one of the two would be lost.
    @Test(arguments: StoreMaker.allCases)
    func aBrokenChainWithinOneCommitIsAConflict(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = file.file.fileId
        try await store.commit([.created(job), .file(FileEvent(fileId: id, before: nil, after: file))])
        var used = file
        used.uses = 1
        used.revision = 2
        let broken: [[Event]] = [
            [
                .change(job, job.next { $0.progress.percent = 1 }, .updated),
                .change(job, job.next { $0.progress.step = "s" }, .updated),
            ],
            [.change(job, job.next { $0.progress.percent = 1 }, .updated), .created(job)],
            [
                .file(FileEvent(fileId: id, before: file, after: nil)),
                .file(FileEvent(fileId: id, before: file, after: used)),
            ],
            [
                .file(FileEvent(fileId: id, before: file, after: used)),
                .file(FileEvent(fileId: id, before: file, after: used)),
            ],
        ]
        for events in broken {
            let error = await #expect(throws: StoreError.self) { try await store.commit(events) }
            guard case .conflict? = error else { throw error ?? StoreError.damaged("no error") }
        }
        #expect(try await store.record(job.jobId) == .job(job))
        #expect(try await store.files([id]) == [file])
        #expect(try await store.totals().files == 1)
    }

    @Test(arguments: StoreMaker.allCases)
    func aFileThatGoesAndComesInOneCommitIsTheNewOne(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let first = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = first.file.fileId
        let other = JobFile(fileId: id, name: "other", size: 5, mediaType: "text/plain", sha256: first.file.sha256)
        let second = FileRecord(
            file: other, createdAt: now + .seconds(1), uses: 0, revision: 1, owner: "ann",
            account: .place("192.0.2.1"))
        try await store.commit([.file(FileEvent(fileId: id, before: nil, after: first))])
        try await store.commit([
            .file(FileEvent(fileId: id, before: first, after: nil)),
            .file(FileEvent(fileId: id, before: nil, after: second)),
        ])
        #expect(try await store.files([id]) == [second])
    }

    /// One of them meets a job that exists, one rests on it; the others do not notice.
    @Test(arguments: StoreMaker.allCases)
    func decisionsAreRefusedOneByOne(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let old = Job.sample(jobId: .named("old"), status: .completed, number: 1)
        try await store.commit([.created(old)])
        let again = Job.sample(jobId: .named("old"), number: 2)
        let other = Job.sample(jobId: .named("other"), number: 3)
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let refused = try await store.commit([
            [.created(other), .queue(name: "q", wasPaused: false, isPaused: true)],
            [.created(again), .file(FileEvent(fileId: file.file.fileId, before: nil, after: file))],
            [.change(again, again.next { $0.progress.percent = 5 }, .updated)],
            [],
            [.change(other, other.next { $0.progress.percent = 7 }, .updated)],
        ])
        #expect(refused.keys.sorted() == [1, 2])
        #expect(refused[1] == .conflict(.init(jobs: [.job(old)], missing: [.file(file.file.fileId)])))
        #expect(refused[2] == .conflict(.init(jobs: [.job(old)])))
        #expect(try await store.record(other.jobId)?.job?.progress.percent == 7)
        #expect(try await store.record(old.jobId) == .job(old))
        #expect(try await store.files([file.file.fileId]).isEmpty)
        #expect(try await store.load().pausedQueues == ["q"])
        let totals = try await store.totals()
        #expect(totals.count(of: .pending) == 1 && totals.count(of: .completed) == 1 && totals.files == 0)
    }

    /// Files and what jobs made, by who is charged for them; a job that goes takes what it made with it.
    @Test(arguments: StoreMaker.allCases)
    func storedBytesAreCountedForEachAccount(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let (ann, place) = (Account.owner("ann"), Account.place("192.0.2.1"))
        let job = Job.sample(status: .processing, owner: "ann", account: ann)
        let file = FileRecord(
            file: .sample("a", size: 10), createdAt: now, uses: 0, revision: 1, account: place)
        let free = FileRecord(file: .sample("b", size: 5), createdAt: now, uses: 0, revision: 1)
        try await store.commit([
            .created(job), .file(FileEvent(fileId: file.file.fileId, before: nil, after: file)),
            .file(FileEvent(fileId: free.file.fileId, before: nil, after: free)),
        ])
        func charged() async throws -> [Account?: Int64] {
            try await store.totals().chargedBytes.filter { $0.value != 0 }
        }
        #expect(try await charged() == [place: 10, nil: 5])
        let artifact = Artifact(
            name: .named("a.txt"), mediaType: "text/plain", size: 7, sha256: String(repeating: "a", count: 64))
        let ended = job.next {
            $0.status = .completed
            $0.outcome.artifacts = [artifact, artifact]
        }
        try await store.commit([.change(job, ended, .finished)])
        #expect(try await charged() == [ann: 14, place: 10, nil: 5])
        #expect(try await store.record(job.jobId)?.job?.asked.account == ann)
        #expect(try await store.files([file.file.fileId]).first?.account == place)
        try await store.commit([
            .job(JobEvent(kind: .deleted, before: .job(ended), after: .gone(ended.tombstone(at: now)))),
            .file(FileEvent(fileId: file.file.fileId, before: file, after: nil)),
        ])
        #expect(try await charged() == [nil: 5])
    }

    // MARK: Lines

    @Test(arguments: StoreMaker.allCases)
    func linesAreReadInPagesAndStayAfterARetry(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample(status: .failed)
        let texts = ["plain", "nul \0 inside", "\u{1B}[31mred", "", "é"]
        let lines = texts.enumerated().map { LogLine.sample($1).numbered(Int64($0 + 1)) }
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job), lines: lines))])
        #expect(try await store.lines(of: job.jobId, run: nil, after: 0, limit: 10) == lines)
        #expect(try await store.lines(of: job.jobId, run: nil, after: 2, limit: 2) == Array(lines[2...3]))
        let retried = job.next { $0.status = .queued }
        let fresh = [LogLine.sample("fresh").numbered(6, run: 2)]
        try await store.commit([
            .change(job, retried, .retried),
            .job(JobEvent(kind: .updated, before: .job(retried), after: .job(retried.next { _ in }), lines: fresh)),
        ])
        #expect(try await store.lines(of: job.jobId, run: nil, after: 0, limit: 10) == lines + fresh)
        #expect(try await store.lines(of: job.jobId, run: 2, after: 0, limit: 10) == fresh)
        #expect(try await store.lines(of: job.jobId, run: 1, after: 3, limit: 1) == [lines[3]])
        #expect(try await store.lines(of: job.jobId, run: 3, after: 0, limit: 10) == [])
    }

    /// The present run's, and those of the twenty before it.
    @Test(arguments: StoreMaker.allCases)
    func linesOfRunsLongAgoGoWithAStart(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var job = Job.sample(status: .queued)
        try await store.commit([.created(job)])
        for run in 1...23 {
            let started = job.next { $0.runs.last = Int64(run) }
            let said = started.next { _ in }
            let line = LogLine.sample("of run \(run)").numbered(Int64(run), run: Int64(run))
            try await store.commit([
                .change(job, started, .started),
                .job(JobEvent(kind: .updated, before: .job(started), after: .job(said), lines: [line])),
            ])
            job = said
        }
        let runs = try await store.lines(of: job.jobId, run: nil, after: 0, limit: 100).map(\.run)
        #expect(runs == Array(3...23))
    }

    // MARK: Files and queues

    @Test(arguments: StoreMaker.allCases)
    func filesAreKeptWithTheirUses(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = file.file.fileId
        try await store.commit([.file(FileEvent(fileId: id, before: nil, after: file))])
        #expect(try await store.files([id, .named("other")]) == [file])
        var used = file
        used.uses = 1
        used.revision = 2
        try await store.commit([.file(FileEvent(fileId: id, before: file, after: used))])
        #expect(try await store.files([id]) == [used])
        await #expect(throws: StoreError.conflict(.init(files: [used]))) {
            try await store.commit([.file(FileEvent(fileId: id, before: file, after: nil))])
        }
        try await store.commit([.file(FileEvent(fileId: id, before: used, after: nil))])
        #expect(try await store.files([id]) == [])
    }

    @Test(arguments: StoreMaker.allCases)
    func pausedQueuesAreLoaded(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        try await store.commit([
            .queue(name: "b", wasPaused: false, isPaused: true), .queue(name: "a", wasPaused: false, isPaused: true),
        ])
        try await store.commit([.queue(name: "b", wasPaused: true, isPaused: false)])
        #expect(try await store.load().pausedQueues == ["a"])
    }

    // MARK: Loading and listing

    @Test(arguments: StoreMaker.allCases)
    func unusedFilesAreFoundByTheirAge(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for (name, age, uses) in [("old", 10, 0), ("older", 20, 0), ("used", 30, 1), ("new", 0, 0)] {
            let record = FileRecord(
                file: .sample(name), createdAt: now + .seconds(-age), uses: uses, revision: 1)
            let event = FileEvent(fileId: record.file.fileId, before: nil, after: record)
            try await store.commit([.file(event)])
        }
        let found = try await store.unusedFiles(createdBefore: now + .seconds(-5), limit: 10)
        #expect(Set(found.map(\.description)) == ["file_old", "file_older"])
        #expect(try await store.unusedFiles(createdBefore: now, limit: 1).count == 1)
        #expect(try await store.totals().files == 4)
    }

    @Test(arguments: StoreMaker.allCases)
    func sizesThatNoSumHoldsStopNothing(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        func added(_ name: String, size: Int64) -> Event {
            let record = FileRecord(file: .sample(name, size: size), createdAt: now, uses: 0, revision: 1)
            return .file(FileEvent(fileId: record.file.fileId, before: nil, after: record))
        }
        try await store.commit([added("one", size: .max), added("two", size: .max)])
        try await store.commit([added("three", size: .max)])
        try await store.commit([added("four", size: 1)])
        let totals = try await store.totals()
        #expect(totals.files == 4 && totals.fileBytes > 1 << 60)
    }

    @Test(arguments: StoreMaker.allCases)
    func expiredJobsAreThoseThatEndedOrNeverGotInput(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for (index, status) in JobStatus.allCases.enumerated() {
            for age in [10, 20] {
                let job = Job.sample(
                    jobId: .named("\(status.rawValue)-\(age)"), status: status, createdAt: now + .seconds(-age),
                    number: Int64(index * 100 + age))
                try await store.commit([.created(job)])
            }
        }
        var given = Job.sample(jobId: .named("given"), createdAt: now + .seconds(-20), number: 999)
        given.input.isWhole = true
        try await store.commit([.created(given)])
        func expired(ended: Int, pending: Int, limit: Int = 100) async throws -> [String] {
            try await store.expiredJobs(
                endedBefore: now + .seconds(-ended), pendingUnchangedBefore: now + .seconds(-pending), limit: limit
            ).map(\.description).sorted()
        }
        #expect(try await expired(ended: 15, pending: 100) == ["cancelled-20", "completed-20", "failed-20"])
        #expect(try await expired(ended: 100, pending: 15) == ["pending-20"])
        #expect(try await expired(ended: 0, pending: 0).count == 8)
        #expect(try await expired(ended: 0, pending: 0, limit: 3).count == 3)
        #expect(try await expired(ended: 20, pending: 20).isEmpty)
    }

    @Test(arguments: StoreMaker.allCases)
    func theJobsThatEndedFirstAreFoundWithTheirBytes(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        func job(_ number: Int64, endedAt seconds: Int, _ status: JobStatus = .completed) -> Job {
            .sample(
                jobId: .named("j\(number)"), status: status, createdAt: now + .seconds(seconds),
                artifacts: [Artifact(name: .named("a"), mediaType: "text/plain", size: number * 10, sha256: "ab")],
                number: number)
        }
        let jobs = [
            job(1, endedAt: 3), job(2, endedAt: 1, .failed), job(3, endedAt: 0, .processing), job(4, endedAt: 2),
            job(5, endedAt: 1, .cancelled),
        ]
        try await store.commit(jobs.map { .created($0) })
        func oldest(_ limit: Int) async throws -> [Int64] { try await store.oldestEndedJobs(limit: limit).map(\.bytes) }
        #expect(try await oldest(9) == [20, 50, 40, 10])
        #expect(try await oldest(2) == [20, 50])
        #expect(try await store.oldestEndedJobs(limit: 1).map(\.jobId) == [.named("j2")])
        let ended = try await store.totals().ended
        #expect(ended.count == 4 && ended.bytes == 120)
        let again = jobs[0].next {
            $0.status = .queued
            $0.times.finishedAt = nil
        }
        try await store.commit([.change(jobs[0], again, .retried), .deleted(jobs[1])])
        #expect(try await oldest(9) == [50, 40])
        let rest = try await store.totals().ended
        #expect(rest.count == 2 && rest.bytes == 90)
    }

    @Test(arguments: StoreMaker.allCases)
    func activeJobsAreLoadedInTheOrderOfTheirCreation(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var events: [Event] = []
        for (index, status) in JobStatus.allCases.enumerated() {
            let number = Int64(10 - index)
            events.append(.created(.sample(jobId: .named("job-\(number)"), status: status, number: number)))
        }
        let doomed = Job.sample(jobId: .named("doomed"), status: .failed, number: 99)
        try await store.commit(
            events + [
                .created(doomed),
                .job(JobEvent(kind: .deleted, before: .job(doomed), after: .gone(doomed.tombstone(at: now)))),
            ])
        let snapshot = try await store.load()
        #expect(snapshot.jobs.map(\.number) == [6, 7, 8, 9, 10])
        #expect(snapshot.nextNumber == 100)
        let totals = try await store.totals()
        for status in JobStatus.allCases {
            #expect(totals.jobs[.init(queue: "default", status: status)] == 1)
            #expect(totals.count(of: status) == 1)
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func pagesAreNewestFirstAndStandStillWhileJobsAreAdded(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        // Two jobs share each moment, so the order of creation decides between them.
        let jobs = (1...9).map { number in
            Job.sample(
                jobId: .named("job-\(number)"), createdAt: Timestamp(milliseconds: Int64(number / 2)),
                number: Int64(number))
        }
        try await store.commit(jobs.map(Event.created))
        var seen: [Int64] = []
        var query = JobQuery(limit: 2)
        repeat {
            let page = try await store.list(query)
            seen += page.jobs.map(\.number)
            query.after = page.next
            let newer = Int64(100 + seen.count)
            try await store.commit([
                .created(.sample(jobId: .named("new-\(newer)"), createdAt: now, number: newer))
            ])
        } while query.after != nil
        #expect(seen == [9, 8, 7, 6, 5, 4, 3, 2, 1])

        (seen, query) = ([], JobQuery(limit: 2))
        query.isOldestFirst = true
        query.createdSince = Timestamp(milliseconds: 1)
        query.createdBefore = Timestamp(milliseconds: 4)
        repeat {
            let page = try await store.list(query)
            seen += page.jobs.map(\.number)
            query.after = page.next
        } while query.after != nil
        #expect(seen == [2, 3, 4, 5, 6, 7])
    }

    /// Whatever clients put into their jobs, a page is not larger than a reply may be.
    @Test(arguments: StoreMaker.allCases)
    func aPageOfLargeJobsEndsEarly(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let text = JSONValue.string(String(repeating: "x", count: 60_000))
        let jobs = (1...40).map { number in
            Job.sample(
                jobId: .named("job-\(number)"), status: .completed, metadata: ["text": text], result: text,
                number: Int64(number))
        }
        try await store.commit(jobs.map(Event.created))
        var (query, sizes) = (JobQuery(limit: 40), [Int]())
        repeat {
            let page = try await store.list(query)
            #expect(page.jobs.allSatisfy { $0.outcome.result == nil })
            sizes.append(page.jobs.count)
            query.after = page.next
        } while query.after != nil
        #expect(sizes.reduce(0, +) == 40 && sizes.count == 3)
    }

    @Test(arguments: StoreMaker.allCases)
    func listsAreFiltered(maker: StoreMaker) async throws {
        let foreign = JobFile(
            fileId: .named("foreign"), name: "ΣΊΣΥΦΟΣ Договор.pdf", size: 1, mediaType: "application/pdf", sha256: "ab")
        let store = try maker.make(in: directory)
        try await store.commit([
            .created(.sample(jobId: .named("abc-1"), status: .queued, message: "100% of_it", number: 1)),
            .created(
                .sample(
                    jobId: .named("abc-2"), jobType: "import", status: .failed, queue: "wide",
                    error: JobFailure(code: "exit", message: "The Font is \"missing\".", cause: "secret"), number: 2)),
            .created(.sample(jobId: .named("xyz"), status: .completed, files: [.sample("Contract")], number: 3)),
            .created(
                .sample(jobId: .named("m"), message: "Mu\u{308}ller", files: [foreign], number: 4)),
        ])
        func numbers(_ query: JobQuery) async throws -> [Int64] { try await store.list(query).jobs.map(\.number) }
        #expect(try await numbers(JobQuery(statuses: [.queued, .failed])) == [2, 1])
        #expect(try await numbers(JobQuery(queue: "wide")) == [2])
        #expect(try await numbers(JobQuery(jobType: "import")) == [2])
        #expect(try await numbers(JobQuery(text: "ABC")) == [2, 1])
        #expect(try await numbers(JobQuery(text: "bc-1")) == [])
        #expect(try await numbers(JobQuery(text: "font is \"m")) == [2])
        for text in ["exit", "code", "secret"] { #expect(try await numbers(JobQuery(text: text)) == [], "\(text)") }
        #expect(try await numbers(JobQuery(text: "contract.PDF")) == [3])
        #expect(try await numbers(JobQuery(text: "0% of_")) == [1])
        #expect(try await numbers(JobQuery(text: "%")) == [1])
        #expect(try await numbers(JobQuery(text: "o%t")) == [])
        #expect(try await numbers(JobQuery(text: "%\u{301}")) == [])
        for text in ["müller", "MÜLLER", "mu\u{308}l", "σίσυφος", "σίσυφοσ", "ДОГОВОР", "договор"] {
            #expect(try await numbers(JobQuery(text: text)) == [4], "\(text)")
        }
        #expect(try await numbers(JobQuery(text: "muller")) == [])
        #expect(try await numbers(JobQuery(statuses: [.completed], text: "abc")) == [])
    }
}

extension Event {
    static func created(_ job: Job) -> Event { .job(JobEvent(kind: .created, before: nil, after: .job(job))) }

    /// At the moment of its creation.
    static func deleted(_ job: Job) -> Event {
        .job(JobEvent(kind: .deleted, before: .job(job), after: .gone(job.tombstone(at: job.times.createdAt))))
    }

    static func change(_ before: Job, _ after: Job, _ kind: JobEvent.Kind) -> Event {
        .job(JobEvent(kind: kind, before: .job(before), after: .job(after)))
    }
}

extension Job {
    /// The next stored state.
    func next(_ change: (inout Job) -> Void) -> Job {
        var job = self
        change(&job)
        job.version += 1
        job.revision += 1
        return job
    }

    func tombstone(at moment: Timestamp) -> Tombstone {
        Tombstone(
            jobId: jobId, number: number, revision: revision + 1, jobStatus: status, finishedAt: times.finishedAt,
            goneAt: moment, owner: asked.owner)
    }
}

extension LogLine {
    func numbered(_ number: Int64, run: Int64 = 1) -> LogLine {
        var line = self
        line.number = number
        line.run = run
        return line
    }
}
