import JSON
import JobModel
import JobStorage
import JobTesting
import Testing

/// What is stored under a name.
extension JobStoreConformance {
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
}
