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
            await harness.propose(.finish(.named("a"), run: 1, RunOutcome(.completed)))
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

    /// Not only when the next look is due, a minute later.
    @Test func whatIsTooMuchGoesWithinASecond() async throws {
        var rules = Self.rules()
        rules.retention.maximumJobs = 2
        try await withDaemon(rules: rules) { harness in
            for name in ["a", "b", "c"] {
                try await harness.call(.createJob, ["jobId": .string(name), "fileIds": []])
                await harness.propose(.finish(.named(name), run: 1, RunOutcome(.completed)))
            }
            let soon = harness.clock.now + .seconds(1)
            while harness.clock.nextWake.map({ $0 > soon }) ?? true { await harness.clock.advance(by: .zero) }
            await harness.clock.advance(by: .seconds(1))
            while try await harness.refusal(.getJob, ["jobId": "a"])?.code != .jobGone {}
            #expect(try await harness.refusal(.getJob, ["jobId": "b"]) == nil)
        }
    }

    /// The first ones that others wait for, as many as one look removes: they stay, and hold up nothing.
    @Test(arguments: [true, false])
    func whatOthersWaitForHoldsUpNothing(byCount: Bool) async throws {
        let store = MemoryJobStore()
        func job(_ number: Int, _ status: JobStatus) -> Job {
            .sample(
                jobId: .named("j\(number)"), status: status, createdAt: ManualClock().now + .milliseconds(number),
                artifacts: [Artifact(name: .named("a"), mediaType: "text/plain", size: 10, sha256: "ab")],
                number: Int64(number))
        }
        var jobs = (1...600).map { job($0, .completed) } + (601...610).map { job($0, .failed) } + [job(700, .scheduled)]
        for first in stride(from: 1, to: 600, by: 99) {
            var waiting = job(800 + first, .blocked)
            waiting.asked.terms.after = (first..<min(first + 99, 601)).map { .named("j\($0)") } + [.named("j700")]
            jobs.append(waiting)
        }
        try await store.commit(jobs.map { .job(JobEvent(kind: .created, before: nil, after: .job($0))) })
        var rules = Self.rules()
        if byCount { rules.retention.maximumJobs = 603 } else { rules.retention.maximumBytes = 6039 }
        try await withDaemon(store: store, rules: rules) { harness in
            while try await store.totals().ended.count > 603 { await harness.clock.advance(by: .seconds(1)) }
            #expect(try await store.oldestEndedJobs(limit: 1000).map(\.jobId).last == .named("j610"))
            #expect(try await store.totals().count(of: .completed) == 600)
            #expect(try await store.totals().ended.count == 603)
        }
    }

    /// A machine that comes up in another year.
    @Test func aClockThatCannotBeRightRemovesNothing() async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        let rules = Self.rules(ended: .seconds(1000))
        try await withDaemon(store: store, clock: clock, rules: rules) { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            await harness.propose(.finish(.named("a"), run: 1, RunOutcome(.completed)))
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
