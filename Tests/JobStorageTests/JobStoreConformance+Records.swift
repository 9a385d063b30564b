import JSON
import JobModel
import JobStorage
import JobTesting
import Testing

/// Records of jobs, whole and after changes.
extension JobStoreConformance {
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
            // Also of a job that is new with it.
            var new = Job.sample(jobId: .named("new-\(job.revision)"), number: job.revision)
            change(&new)
            try await store.commit([.created(new)])
            #expect(try await store.record(new.jobId) == .job(new))
        }
        let fixed: Set<String> = [
            "jobId", "number", "revision", "asked.jobType", "asked.owner", "asked.account", "asked.queue",
            "asked.maxAttempts", "times.createdAt",
        ]
        #expect(changed == Set(job.fields.keys).subtracting(fixed))
    }

    /// Those of one commit may share a statement, where they have the same columns.
    @Test(arguments: StoreMaker.allCases)
    func newJobsOfOneCommitComeBackEach(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var jobs: [Job] = (1...11).map { Job.sample(jobId: .named("j\($0)"), status: .queued, number: $0) }
        jobs[1].outcome.result = JSONText([1])
        jobs[6].times.finishedAt = now
        for index in 8...10 { jobs[index].progress.message = "Hello" }
        try await store.commit(jobs.map(Event.created))
        for job in jobs { #expect(try await store.record(job.jobId) == .job(job)) }
        #expect(try await store.list(JobQuery()).jobs.count == jobs.count)
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
}
