import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import NIOCore
import NIOPosix
import Testing

@testable import JobDaemon

/// What waits for a moment starts at that moment, also when nothing else happens.
@Suite(.timeLimit(.minutes(5)))
struct TimerTests {
    private static let patient = Rules(
        widths: ["default": 1],
        pipelines: [
            JobMap.defaultJobType: .init(
                maxAttempts: 9, retryDelay: .seconds(7200), maximumRetryDelay: .seconds(7200))
        ],
        retention: DaemonHarness.rules.retention)

    @Test(arguments: [8, 61, 90, 3_700])
    func aDelayedJobStartsWithinASecondOfItsMoment(delay: Int) async throws {
        try await withDaemon { harness in
            try await create(delay: delay, harness)
            try await expectStart(after: delay, harness)
        }
    }

    @Test(arguments: [8, 61, 3_700])
    func aDelayedJobStartsAfterARestart(delay: Int) async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        try await withDaemon(store: store, clock: clock) { try await create(delay: delay, $0) }
        await clock.advance(by: .seconds(2))
        try await withDaemon(store: store, clock: clock) { try await expectStart(after: delay - 2, $0) }
    }

    @Test func aRetryThatWaitsForHoursStarts() async throws {
        try await withDaemon(rules: Self.patient) { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            await harness.propose(
                .finish(.named("a"), run: 1, RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))))
            let job = try await harness.call(.getJob, ["jobId": "a", "since": 2, "waitSeconds": 50])
            let runAt = try #require(job["runAt"]?.string.flatMap(Timestamp.init))
            let wait = Int((runAt.milliseconds - harness.clock.now.milliseconds + 999) / 1000)
            #expect(wait > 3600)
            try await expectStart(after: wait, earlier: 1, harness)
        }
    }

    /// The time of day goes back by an hour and comes again, while the wake for the old time is under way.
    @Test func aClockThatIsSetBackAndAheadKeepsNothingWaiting() async throws {
        try await withDaemon { harness in
            try await create(delay: 90, harness)
            let start = harness.clock.now
            await harness.clock.set(to: start + .seconds(-3_600))
            for _ in 0..<65 { await pass(.seconds(1), harness) }
            await harness.clock.set(to: start + .seconds(65))
            try await expectStart(after: 25, harness)
        }
    }

    @Test func afterAClockWentAheadWhatIsDueStarts() async throws {
        try await withDaemon { harness in
            try await create(delay: 5_000, harness)
            await harness.clock.set(to: harness.clock.now + .seconds(4_990))
            try await expectStart(after: 10, harness)
        }
    }

    @Test func theSystemsClockDoesNotWakeBeforeTheMoment() async {
        let (clock, loop) = (SystemClock(), MultiThreadedEventLoopGroup.singleton.next())
        let (wakes, continuation) = AsyncStream.makeStream(of: Timestamp.self)
        let moment = clock.now + .milliseconds(20)
        _ = clock.wake(at: moment, on: loop) { continuation.yield(clock.now) }
        let wake = await wakes.first { _ in true }
        #expect(wake.map { $0 >= moment } == true)
    }

    @Test func whatBecameDueWhileTheStoreRefusedStartsOnceItDoesNot() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            try await create(delay: 61, harness)
            store.fail(next: Array(repeating: .full, count: 5))
            for _ in 0..<61 { await pass(.seconds(1), harness) }
            #expect(harness.runner.calls.isEmpty)
            while harness.runner.calls.isEmpty { await pass(.seconds(1), harness) }
        }
    }

    /// Ten thousand for one moment: nobody's change waits behind a commit of all of them.
    @Test func noCommitHasMoreThanAThousandEventsWhateverIsDue() async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        let moment = clock.now + .seconds(30)
        for piece in 0..<10 {
            try await store.commit(
                (1...1000).map { number in
                    let number = piece * 1000 + number
                    let job = Job.sample(
                        jobId: .named("j\(number)"), status: .scheduled, createdAt: clock.now, runAt: moment,
                        number: Int64(number))
                    return .job(JobEvent(kind: .created, before: nil, after: .job(job)))
                })
        }
        try await withDaemon(store: store, clock: clock) { harness in
            await clock.advance(by: .seconds(30))
            while harness.runner.calls.isEmpty { await pass(.zero, harness) }
            let scheduled = try await store.totals().count(of: .scheduled)
            #expect(scheduled == 0)
        }
        #expect(store.largestCommit <= 1001)
    }

    // MARK: Helpers

    private func create(delay: Int, _ harness: DaemonHarness) async throws {
        try await harness.call(.createJob, ["jobId": "a", "fileIds": [], "delaySeconds": JSONValue(delay)])
    }

    private func pass(_ span: Duration, _ harness: DaemonHarness) async {
        await harness.clock.advance(by: span)
        await harness.daemon.idle()
    }

    /// Nothing but time passes; the job starts in the last second.
    private func expectStart(after delay: Int, earlier: Int = 0, _ harness: DaemonHarness) async throws {
        for _ in 1..<delay { await pass(.seconds(1), harness) }
        #expect(harness.runner.calls.count == earlier)
        await pass(.seconds(1), harness)
        #expect(harness.runner.calls.count == earlier + 1)
    }
}
