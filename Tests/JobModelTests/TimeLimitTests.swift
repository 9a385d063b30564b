import JobModel
import JobTesting
import Testing

/// How long jobs may take.
struct TimeLimitTests {
    var map = JobMap(
        rules: Rules(
            widths: ["default": 1],
            pipelines: [
                JobMap.defaultJobType: .init(), "limited": .init(timeouts: TimeLimits(queued: .seconds(5))),
            ]))
    let start = Timestamp(milliseconds: 1_000_000)

    private func job(_ name: String) throws -> Job { try #require(map.record(.named(name))?.job) }

    private mutating func create(
        _ name: String, type: String? = nil, _ limits: TimeLimits = TimeLimits(), input: Bool = true
    ) throws {
        let terms = JobTerms(timeouts: limits)
        _ = try map.apply(
            .create(Creation(jobId: .named(name), jobType: type, fileIds: input ? [] : nil, terms: terms)), at: start)
    }

    @Test mutating func aJobThatWaitsTooLongForAPlaceFails() throws {
        try create("busy")
        try create("a", TimeLimits(queued: .seconds(30)))
        #expect(map.nextDeadline() == start + .seconds(30))
        _ = try map.apply(.tick, at: start + .seconds(29))
        #expect(try job("a").status == .queued)
        _ = try map.apply(.tick, at: start + .seconds(30))
        #expect(try job("a").outcome.error?.code == "timeout")
        #expect(try job("a").outcome.error?.cause == "queued: timeouts.queued of 30s")
        #expect(map.nextDeadline() == nil)
    }

    @Test mutating func theNarrowerOfAPipelinesAndAJobsLimitHolds() throws {
        try create("busy")
        try create("a", type: "limited", TimeLimits(queued: .seconds(30), total: .seconds(4)))
        #expect(try job("a").asked.terms.timeouts == TimeLimits(queued: .seconds(5), total: .seconds(4)))
        _ = try map.apply(.tick, at: start + .seconds(4))
        #expect(try job("a").outcome.error?.cause == "total: timeouts.total of 4s")
    }

    @Test mutating func anApplicationHasAsLongAsTheJobAllows() throws {
        try create("a", TimeLimits(running: .seconds(100), silence: .seconds(20)), input: false)
        _ = try map.apply(.update(.named("a"), Update(status: .processing)), at: start)
        #expect(map.nextDeadline() == start + .seconds(20))
        _ = try map.apply(.update(.named("a"), Update(progress: 5)), at: start + .seconds(15))
        _ = try map.apply(.tick, at: start + .seconds(34))
        #expect(try job("a").status == .processing)
        _ = try map.apply(.tick, at: start + .seconds(35))
        #expect(try job("a").outcome.error?.code == "silence")
    }

    @Test mutating func aRunEndsThoughItIsHeardOf() throws {
        try create("a", TimeLimits(running: .seconds(40)), input: false)
        _ = try map.apply(.update(.named("a"), Update(status: .processing)), at: start)
        _ = try map.apply(.update(.named("a"), Update(progress: 5)), at: start + .seconds(39))
        _ = try map.apply(.tick, at: start + .seconds(40))
        #expect(try job("a").outcome.error?.cause == "running: timeouts.running of 40s")
    }

    @Test mutating func aRetryBeginsAnew() throws {
        try create("busy")
        try create("a", TimeLimits(total: .seconds(10)))
        _ = try map.apply(.tick, at: start + .seconds(10))
        _ = try map.apply(.retry(.named("a")), at: start + .seconds(50))
        #expect(try job("a").status == .queued)
        #expect(map.nextDeadline() == start + .seconds(60))
    }

    @Test mutating func limitsAreSpansWhateverTheClockIsSetTo() throws {
        try create("busy")
        try create("a", TimeLimits(queued: .seconds(30)))
        map.clockWasSet(by: .seconds(3600), at: start + .seconds(3600))
        #expect(map.nextDeadline() == start + .seconds(3630))
    }

    /// What began before the clock was set is not taken for what began afterwards, when the job changes.
    @Test mutating func aChangeAfterwardsKeepsTheSpan() throws {
        try create("busy")
        try create("a", TimeLimits(queued: .seconds(30)))
        let set = start + .seconds(3600)
        map.clockWasSet(by: .seconds(3600), at: set)
        _ = try map.apply(.update(.named("a"), Update(priority: 1)), at: set + .seconds(1))
        #expect(map.nextDeadline() == set + .seconds(30))
    }

    /// A request to end it came before: so it is ended as was asked, by whatever.
    @Test mutating func aJobThatIsToBeCancelledIsNotLate() throws {
        map.rules.pipelines["encode"] = .init(work: .workers)
        let offer = Offer(id: try #require(OfferID("w1")), queues: ["default"], leaseSeconds: 600)
        _ = try map.apply(.claim(offer), at: start)
        let terms = JobTerms(timeouts: TimeLimits(running: .seconds(30)))
        _ = try map.apply(
            .create(Creation(jobId: .named("a"), jobType: "encode", fileIds: [], terms: terms)), at: start)
        #expect(try job("a").status == .processing)
        _ = try map.apply(.cancel(.named("a"), reason: nil), at: start + .seconds(10))
        _ = try map.apply(.tick, at: start + .seconds(30))
        #expect(try job("a").status == .cancelled)
        #expect(try job("a").outcome.error == nil)
    }

    @Test mutating func aRetryPolicyOfAJobGoesBeforeThePipelines() throws {
        let terms = JobTerms(retry: RetryPolicy(delay: .seconds(100), maximumDelay: .seconds(150)))
        _ = try map.apply(.create(Creation(jobId: .named("a"), maxAttempts: 3, fileIds: [], terms: terms)), at: start)
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
        _ = try map.apply(.finish(.named("a"), run: 1, failure), at: start)
        let first = try #require(try job("a").times.runAt) - start
        #expect(first >= .seconds(75) && first <= .seconds(125))
        let later = start + .seconds(200)
        _ = try map.apply(.tick, at: later)
        _ = try map.apply(.finish(.named("a"), run: 2, failure), at: later)
        let second = try #require(try job("a").times.runAt) - later
        #expect(second >= .seconds(112) && second <= .seconds(188))
    }
}
