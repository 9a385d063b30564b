import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import Testing

@testable import JobDaemon

/// What goes by itself.
@Suite(.timeLimit(.minutes(5)))
struct HousekeepingTests {
    private static func rules(ended: Duration = .seconds(1_000_000), pending: Duration = .seconds(1_000_000)) -> Rules {
        Rules(
            widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()],
            retention: .init(ended: ended, pending: pending, unusedFiles: .seconds(1_000_000)))
    }

    @Test func anEndedJobGoesWithAllThatItHad() async throws {
        try await withDaemon(rules: Self.rules(ended: .seconds(100))) { harness in
            for name in ["own", "shared"] {
                try await harness.call(.adoptFile, JobFile.sample(name).json.object ?? [:])
            }
            try await harness.call(.createJob, ["jobId": "a", "fileIds": ["file_own", "file_shared"]])
            try await harness.call(.createJob, ["jobId": "b", "fileIds": ["file_shared"]])
            harness.daemon.tell(.finish(.named("a"), run: 1, Outcome(.completed)))
            while try await harness.refusal(.getJob, ["jobId": "a"]) == nil {
                await harness.clock.advance(by: .seconds(10))
            }
            #expect(try await harness.refusal(.getJob, ["jobId": "a"])?.code == .jobGone)
            #expect(try await harness.refusal(.getFile, ["fileId": "file_own"])?.code == .fileNotFound)
            #expect(try await harness.refusal(.getFile, ["fileId": "file_shared"]) == nil)
            #expect(try await harness.refusal(.getJob, ["jobId": "b"]) == nil)
            #expect(harness.disk.removedFiles == [.named("file_own")])
            #expect(harness.disk.removedArtifacts == [.named("a")])
        }
    }

    @Test func aJobWithoutInputGoes() async throws {
        try await withDaemon(rules: Self.rules(pending: .seconds(100))) { harness in
            try await harness.call(.createJob, ["jobId": "a"])
            try await harness.call(.createJob, ["jobId": "b", "fileIds": []])
            while try await harness.refusal(.getJob, ["jobId": "a"]) == nil {
                await harness.clock.advance(by: .seconds(10))
            }
            #expect(try await harness.refusal(.getJob, ["jobId": "a"])?.details["jobStatus"] == "pending")
            #expect(try await harness.refusal(.getJob, ["jobId": "b"]) == nil)
        }
    }

    /// Piece by piece, with a pause between them, until there is nothing left to give back.
    @Test func theStoreGivesBackAllTheSpaceOfWhatIsGone() async throws {
        let store = MemoryJobStore()
        store.leaveUnusedSpace(pieces: 20)
        try await withDaemon(store: store) { harness in
            while store.unusedPieces > 0 { await harness.clock.advance(by: .milliseconds(20)) }
            let status = try await harness.call(.serverStatus)
            #expect(status["storage"]?["writable"] == true)
        }
    }

    /// Everything at once would hold up the others.
    @Test func manyGoInSeveralSteps() async throws {
        let store = MemoryJobStore()
        let jobs = (1...1200).map { Job.sample(jobId: .named("j\($0)"), status: .completed, number: Int64($0)) }
        try await store.commit(jobs.map { .job(JobEvent(kind: .created, before: nil, after: .job($0))) })
        try await withDaemon(store: store, rules: Self.rules(ended: .seconds(100))) { harness in
            while harness.disk.removedArtifacts.count < 1200 { await harness.clock.advance(by: .seconds(1)) }
            let completed = try await store.totals().count(of: .completed)
            #expect(completed == 0)
        }
    }

    /// A machine that comes up in another year.
    @Test func aClockThatCannotBeRightRemovesNothing() async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        let rules = Self.rules(ended: .seconds(1000))
        try await withDaemon(store: store, clock: clock, rules: rules) { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            harness.daemon.tell(.finish(.named("a"), run: 1, Outcome(.completed)))
            while try await store.load().clock == nil { await clock.advance(by: .seconds(1)) }
        }
        clock.reboot(at: clock.now + .seconds(5 * 366 * 86_400))
        for _ in 1...2 {
            try await withDaemon(store: store, clock: clock, rules: rules) { harness in
                for _ in 1...20 { await clock.advance(by: .seconds(60)) }
                #expect(try await harness.refusal(.getJob, ["jobId": "a"]) == nil)
                let ahead = try await harness.call(.inspectServer)["clockAheadSeconds"]?.integer
                #expect((ahead ?? 0) > 86_400)
            }
        }
        try await withDaemon(store: store, clock: clock, rules: rules) { harness in
            clock.setSynchronized(true)
            while try await harness.refusal(.getJob, ["jobId": "a"]) == nil { await clock.advance(by: .seconds(60)) }
            #expect(try await harness.call(.inspectServer)["clockAheadSeconds"] == .null)
        }
    }

    @Test func anOperatorMaySayThatTheClockIsRight() async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        try await store.keep(ClockAnchor(now: clock.now))
        clock.reboot(at: clock.now + .seconds(10 * 86_400))
        let rules = Self.rules(pending: .seconds(100))
        try await withDaemon(store: store, clock: clock, rules: rules) { harness in
            try await harness.call(.createJob, ["jobId": "a"])
            for _ in 1...20 { await clock.advance(by: .seconds(60)) }
            #expect(try await harness.refusal(.getJob, ["jobId": "a"]) == nil)
            await harness.daemon.setRules(rules)
            while try await harness.refusal(.getJob, ["jobId": "a"]) == nil { await clock.advance(by: .seconds(60)) }
        }
    }

    @Test func newRulesAreFollowedAtOnce() async throws {
        try await withDaemon(rules: Self.rules()) { harness in
            try await harness.call(.createJob, ["jobId": "a"])
            await harness.clock.advance(by: .seconds(100))
            await harness.daemon.setRules(Self.rules(pending: .seconds(50)))
            while try await harness.refusal(.getJob, ["jobId": "a"]) == nil {}
        }
    }
}
