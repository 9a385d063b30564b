import JSON
import JobModel
import JobTesting
import Testing

/// Jobs that wait for others, and batches.
struct DependencyTests {
    var map = JobMap(rules: Rules(widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()]))
    let start = Timestamp(milliseconds: 1_000_000)

    private func job(_ name: String) throws -> Job { try #require(map.record(.named(name))?.job) }

    @discardableResult
    private mutating func create(
        _ name: String, after: [String] = [], policy: JobTerms.AfterPolicy = .completed, input: Bool = false,
        start begin: Creation.Start? = nil
    ) throws -> [Event] {
        let terms = JobTerms(after: after.map { .named($0) }, afterPolicy: policy)
        return try map.apply(
            .create(Creation(jobId: .named(name), start: begin, fileIds: input ? [] : nil, terms: terms)), at: start)
    }

    private mutating func end(_ name: String, _ status: Update.Status) throws {
        let failure = status == .failed ? JobFailure(code: "no", message: "No.") : nil
        _ = try map.apply(.update(.named(name), Update(status: status, error: failure)), at: start)
    }

    // MARK: After

    @Test mutating func aJobWaitsForAllOthersAndThenGoesOn() throws {
        try create("a")
        try create("b")
        try create("c", after: ["a", "b"], input: true)
        #expect(try job("c").status == .blocked)
        try end("a", .completed)
        #expect(try job("c").status == .blocked)
        try end("b", .completed)
        #expect(try job("c").status == .processing)
    }

    @Test mutating func withoutInputItIsPendingThen() throws {
        try create("a")
        try create("c", after: ["a"])
        #expect(try job("c").status == .blocked)
        try end("a", .completed)
        #expect(try job("c").status == .pending)
    }

    @Test mutating func withAMomentToComeItIsScheduledThen() throws {
        try create("a")
        try create("c", after: ["a"], input: true, start: .after(.seconds(60)))
        #expect(try job("c").status == .blocked)
        try end("a", .completed)
        #expect(try job("c").status == .scheduled)
    }

    @Test mutating func whatHasEndedIsNotWaitedFor() throws {
        try create("a")
        try end("a", .completed)
        #expect(try create("c", after: ["a"], input: true).count == 2)
        #expect(try job("c").status == .processing)
    }

    @Test(arguments: [Update.Status.failed, nil])
    mutating func whenOneDoesNotCompleteTheJobFailsAndNamesIt(status: Update.Status?) throws {
        try create("a")
        try create("b")
        try create("c", after: ["a", "b"], input: true)
        try create("d", after: ["c"])
        if let status { try end("a", status) } else { _ = try map.apply(.cancel(.named("a"), reason: nil), at: start) }
        #expect(try job("c").status == .failed)
        #expect(try job("c").outcome.error?.code == "dependency")
        #expect(try job("c").outcome.error?.cause == "a")
        #expect(try job("d").outcome.error?.cause == "c", "and so do those that wait for it")
    }

    @Test mutating func withEndedItGoesOnHoweverTheyEnd() throws {
        try create("a")
        try create("c", after: ["a"], policy: .ended)
        try end("a", .failed)
        #expect(try job("c").status == .pending)
    }

    @Test mutating func anUnknownOneIsRefusedWithItsPlace() throws {
        try create("a")
        #expect(throws: JobError.within(pointer: "/after/1", .jobNotFound(.named("nobody")))) {
            try create("c", after: ["a", "nobody"])
        }
        #expect(map.record(.named("c")) == nil)
    }

    @Test mutating func aJobThatOthersWaitForStays() throws {
        try create("a")
        try create("b")
        try create("c", after: ["a", "b"])
        try end("a", .completed)
        #expect(throws: JobError.self) { try map.apply(.delete(.named("a")), at: start) }
        #expect(try map.apply(.expire(.named("a")), at: start + .seconds(90 * 86_400)).isEmpty)
        let isForgotten = map.forget(JobID.named("a"))
        #expect(!isForgotten)
        _ = try map.apply(.cancel(.named("c"), reason: nil), at: start)
        #expect(try map.apply(.delete(.named("a")), at: start).count == 1)
    }

    @Test mutating func aRetriedJobWaitsUntilWhatFailedHasEndedAnew() throws {
        try create("a")
        try create("c", after: ["a"], input: true)
        try end("a", .failed)
        #expect(try job("c").status == .failed)
        _ = try map.apply(.retry(.named("c")), at: start)
        #expect(try job("c").status == .blocked)
        _ = try map.apply(.tick, at: start)
        #expect(try job("c").status == .blocked)
        _ = try map.apply(.retry(.named("a")), at: start)
        try end("a", .completed)
        #expect(try job("c").status == .processing)
    }

    /// After a start the map knows those that wait, and what they wait for.
    @Test mutating func whatEndedBeforeAStartCounts() throws {
        var waiting = Job.sample(jobId: .named("c"), status: .blocked, number: 2)
        waiting.input.isWhole = true
        waiting.asked.terms.after = [.named("a")]
        map.admit(.job(.sample(jobId: .named("a"), status: .completed)))
        map.admit(.job(waiting))
        #expect(map.nextDeadline() == Timestamp(milliseconds: 0))
        _ = try map.apply(.recover, at: start)
        #expect(try job("c").status == .processing)
        #expect(map.nextDeadline() == nil)
    }

    @Test mutating func thousandsThatWaitForOneGoOnInPieces() throws {
        map.rules.widths["default"] = 1000
        try create("a")
        for number in 0..<2500 { try create("c\(number)", after: ["a"], input: true) }
        let first = try map.apply(.update(.named("a"), Update(status: .completed)), at: start)
        let most = Limits.decisionEvents + 10
        #expect(first.count <= most)
        var pieces = 1
        while map.nextDeadline() == Timestamp(milliseconds: 0) {
            pieces += 1
            #expect(try map.apply(.tick, at: start).count <= most)
        }
        #expect(pieces <= 5000 / Limits.dueEvents + 2)
        #expect(!map.activeJobs.contains { $0.status == .blocked })
    }

    // MARK: Batches

    private func batch(_ names: [String], then: Creation? = nil) throws -> BatchCreation {
        BatchCreation(
            batchId: try #require(BatchID("batch")), metadata: .emptyObject,
            jobs: names.map { Creation(jobId: .named($0)) }, then: then)
    }

    private var stored: JobBatch? { BatchID("batch").flatMap { map.named(.batch($0))?.batch } }

    @Test mutating func aBatchEndsWithItsLastJobAndThenTheNextBegins() throws {
        _ = try map.apply(
            .createBatch(try batch(["a", "b"], then: Creation(jobId: .named("then"), fileIds: []))), at: start)
        #expect(try job("a").asked.terms.batchId?.description == "batch")
        #expect(try job("then").status == .blocked)
        func wait() throws -> Explanation { map.explanation(of: try job("then"), at: start) }
        #expect(try wait().text == "The job waits for the end of a and 1 more of its batch." && wait().by == [])
        try end("a", .completed)
        #expect(try wait().text == "The job waits for the end of b of its batch.")
        #expect(stored?.status == .open)
        try end("b", .failed)
        #expect(stored?.status == .failed)
        #expect(stored?.completed == 1 && stored?.failed == 1 && stored?.finishedAt == start)
        #expect(try job("then").status == .processing)
        #expect(try job("then").input.metadata.value["batch"]?["counts"]?["failed"] == 1)
    }

    @Test mutating func aBatchIsMadeWholeOrNotAtAll() throws {
        try create("b")
        do {
            _ = try map.apply(.createBatch(try batch(["a", "b"])), at: start)
            Issue.record("b exists")
        } catch let error as JobError {
            guard case .within("/jobs/1", .within("/jobId", .jobConflict)) = error else {
                Issue.record("\(error)")
                return
            }
        }
        #expect(map.record(.named("a")) == nil && stored == nil)
        var wrong = try batch(["c"]).jobs
        wrong.append(Creation(jobId: .named("d"), queue: "nowhere"))
        let creation = BatchCreation(
            batchId: try #require(BatchID("batch")), metadata: .emptyObject, jobs: wrong, then: nil)
        #expect(throws: JobError.self) { try map.apply(.createBatch(creation), at: start) }
        #expect(map.record(.named("c")) == nil)
    }

    @Test func whatSomebodyMayNotAskForIsNamedWithinABatch() throws {
        let mine = Creation(jobId: .named("a"))
        var anothers = Creation(jobId: .named("b"))
        anothers.owner = "ben"
        let creation = BatchCreation(
            batchId: try #require(BatchID("batch")), metadata: .emptyObject, jobs: [mine, anothers], then: anothers)
        let ann = Access(rights: [.create], reach: .own("ann"), owner: "ann")
        do {
            try ann.check(.createBatch(creation), at: start)
            Issue.record("only operators may say whose a job is")
        } catch {
            guard case .within("/jobs/1", .forbidden) = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test mutating func aBatchThatExistsIsNotMadeAgain() throws {
        _ = try map.apply(.createBatch(try batch(["a"])), at: start)
        #expect(try map.apply(.createBatch(try batch(["x"])), at: start).isEmpty)
        #expect(map.record(.named("x")) == nil)
    }

    @Test mutating func jobsOfABatchMayWaitForEarlierOnes() throws {
        var second = Creation(jobId: .named("b"))
        second.terms.after = [.named("a")]
        let creation = BatchCreation(
            batchId: try #require(BatchID("batch")), metadata: .emptyObject,
            jobs: [Creation(jobId: .named("a")), second], then: nil)
        _ = try map.apply(.createBatch(creation), at: start)
        #expect(try job("b").status == .blocked)
        try end("a", .failed)
        #expect(stored?.failed == 2 && stored?.status == .failed)
    }

    @Test mutating func cancellingABatchEndsWhatHasNotEnded() throws {
        _ = try map.apply(.createBatch(try batch(["a", "b", "c"])), at: start)
        try end("a", .completed)
        _ = try map.apply(.cancelBatch(try #require(BatchID("batch")), reason: "no more"), at: start)
        #expect(stored?.cancelled == 2 && stored?.completed == 1)
        #expect(try job("b").progress.message == "no more")
        _ = try map.apply(.retry(.named("b")), at: start)
        #expect(stored?.status == .open && stored?.cancelled == 1)
    }

    // MARK: Dedupe

    @Test mutating func aKeyAnswersWithTheJobThatHasNotEnded() throws {
        let terms = JobTerms(dedupeKey: JobKey("order"))
        _ = try map.apply(.create(Creation(jobId: .named("a"), terms: terms)), at: start)
        var second = Creation(jobId: .named("b"), terms: terms)
        #expect(try map.apply(.create(second), at: start).isEmpty)
        #expect(map.duplicate(of: second, at: start)?.jobId == .named("a"))
        second.terms.dedupeKey = JobKey("order", owner: "anna")
        #expect(try !map.apply(.create(second), at: start).isEmpty, "a key of somebody is his own")
        try end("a", .completed)
        var third = Creation(jobId: .named("c"), terms: terms, dedupeSeconds: 60)
        #expect(try map.apply(.create(third), at: start + .seconds(59)).isEmpty)
        #expect(try !map.apply(.create(third), at: start + .seconds(60)).isEmpty)
        third.existing.isRejected = true
        third.jobId = .named("d")
        #expect(throws: JobError.self) { try map.apply(.create(third), at: start + .seconds(61)) }
    }
}
