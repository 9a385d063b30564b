import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

/// A day of jobs with a failing commit at every place: the map is always what the store would make it again.
@Suite(.timeLimit(.minutes(5)))
struct FaultTests {
    /// One step of the day: a request of a client, a word of a running attempt, or time that passes.
    enum Step: Sendable {
        case request(Method, JSONObject)
        case word(Command)
        case pass(Duration)
    }

    static let day: [Step] = [
        .request(.createJob, ["jobId": "a"]),
        .request(.createJob, ["jobId": "b", "fileIds": [], "jobType": "thrice"]),
        .request(.adoptFile, JobFile.sample("one").json.object ?? [:]),
        .request(.processJob, ["jobId": "a", "fileIds": ["file_one"]]),
        .request(.createJob, ["jobId": "c", "fileIds": [], "delaySeconds": 60]),
        .word(.report(.named("b"), run: 1, Report(progress: 10, lines: [.sample("x")]))),
        .request(.updateJob, ["jobId": "a", "metadata": ["k": "v"]]),
        .word(
            .finish(
                .named("b"), run: 1, RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true)))),
        .request(.cancelJob, ["jobId": "a"]),
        .word(.finish(.named("a"), run: 1, RunOutcome(.cancelled(nil)))),
        .request(.retryJob, ["jobId": "a"]),
        .pass(.seconds(100)),
        .request(.pauseQueue, ["name": "default"]),
        .request(.createJob, ["jobId": "d", "jobType": "import"]),
        .request(.updateJob, ["jobId": "d", "status": "processing"]),
        .request(.updateJob, ["jobId": "d", "status": "completed", "result": [1]]),
        .request(.deleteJob, ["jobId": "d"]),
        .request(.resumeQueue, ["name": "default"]),
        .pass(.seconds(100)),
    ]

    static let faults: [StoreFault] = [.full, .unavailable, .unknown, .conflict]

    @Test(arguments: faults, 0..<28)
    func theMapIsTheStoresImageAfterEachStep(fault: StoreFault, commit: Int) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.fail(next: Array(repeating: nil, count: commit) + [fault])
            for step in Self.day {
                try await perform(step, harness)
                try await expectImage(of: store, in: harness.daemon)
                // What a failed commit took back from the daemon's own parts is said again when a look has found the store well.
                repeat { await harness.clock.advance(by: .seconds(2)) } while await !harness.daemon.takesChanges
                try await expectImage(of: store, in: harness.daemon)
            }
            #expect(try await harness.refusal(.getJob, ["jobId": "d"])?.code == .jobGone)
        }
    }

    /// A client repeats what may be repeated; a conflict never reaches it.
    private func perform(_ step: Step, _ harness: DaemonHarness) async throws {
        switch step {
        case .request(let method, let params):
            while let refusal = try await refusal(method, params, harness) {
                try #require(refusal.code.mayRetry, "\(method) \(refusal)")
                await harness.clock.advance(by: .seconds(1))
            }
        case .word(let command): await harness.propose(command)
        case .pass(let span): await harness.clock.advance(by: span)
        }
    }

    /// Time passes while a store leaves it open what became of a commit: somebody has to look.
    private func refusal(
        _ method: Method, _ params: JSONObject, _ harness: DaemonHarness
    ) async throws -> Refusal? {
        let answers = Counter()
        let call = harness.client.call(method, params)
        call.whenComplete { _ in answers.add() }
        while answers.count == 0 {
            try await harness.call(.listQueues)
            await harness.daemon.idle()
            if answers.count == 0 { await harness.clock.advance(by: .seconds(1)) }
        }
        do {
            _ = try await call.outcome()
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    private func expectImage(of store: MemoryJobStore, in daemon: Daemon) async throws {
        var (map, snapshot) = (await daemon.restingMap, try await store.load())
        var shown = await daemon.shownJobs
        // A look at the store may have something said again at any time.
        while case let later = await daemon.restingMap, Set(later.activeJobs) != Set(map.activeJobs) {
            (map, snapshot) = (later, try await store.load())
            shown = await daemon.shownJobs
        }
        #expect(map.activeJobs.sorted { $0.number < $1.number } == snapshot.jobs)
        var rebuilt = JobMap(rules: map.rules, nextNumber: snapshot.nextNumber)
        for job in snapshot.jobs { rebuilt.admit(.job(job)) }
        for name in snapshot.pausedQueues { rebuilt.admit(pausedQueue: name) }
        #expect(rebuilt.queue("default") == map.queue("default"))
        #expect(shown == snapshot.jobs)
    }

    @Test(arguments: [[StoreFault.full], [.unavailable, .full]])
    func aStoreThatTakesChangesAgainIsFoundOutWithoutAnybodyAsking(faults: [StoreFault]) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            func isWritable() async throws -> JSONValue? {
                try await harness.call(.serverStatus)["storage"]?["writable"]
            }
            store.fail(next: faults)
            #expect(try await harness.refusal(.createJob, ["jobId": "a"])?.code.mayRetry == true)
            for _ in faults {
                #expect(try await isWritable() == false)
                let count = store.commitCount
                while store.commitCount == count { await harness.clock.advance(by: .seconds(1)) }
            }
            while try await isWritable() == false { await giveWay() }
        }
    }

    /// The map was told of the job by a create that the store did not take; the image, by a read.
    @Test func aJobThatAReadHasFoundIsKnownAfterAFailure() async throws {
        let store = MemoryJobStore()
        let ended = Job.sample(jobId: .named("x"), status: .completed)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(ended)))])
        try await withDaemon(store: store) { harness in
            store.hold()
            store.fail(next: [.full])
            let create = harness.client.call(.createJob, ["jobId": "x"])
            let shown = try await harness.call(.getJob, ["jobId": "x"])
            #expect(shown["status"] == "completed")
            store.release()
            let created = try? await create.outcome()
            #expect(created == nil)
            #expect(try await harness.call(.deleteJob, ["jobId": "x"])["jobId"] == "x")
            #expect(try await harness.refusal(.cancelJob, ["jobId": "x"])?.code == .jobGone)
        }
    }

    /// A client that heard "no" must not find the job after the next start, and one that heard nothing may.
    @Test func nobodyIsToldOfACommitOfWhichNobodyKnowsWhetherItIsThere() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.fail(next: [.unknown, .unavailable])
            let create = harness.client.call(.createJob, ["jobId": "a"])
            // Others are refused at once, with nothing that rests on it.
            while store.commitCount < 1 { try await harness.call(.listQueues) }
            #expect(try await harness.refusal(.createJob, ["jobId": "b"])?.code == .unavailable)
            #expect(store.commitCount == 1)
            await harness.clock.advance(by: .seconds(1))
            while store.commitCount < 2 { try await harness.call(.listQueues) }
            while try await harness.refusal(.createJob, ["jobId": "b"]) != nil {
                await harness.clock.advance(by: .seconds(1))
            }
            await #expect(throws: Refusal.self) { try await create.outcome() }
            #expect(try await harness.refusal(.getJob, ["jobId": "a"])?.code == .jobNotFound)
        }
    }

    @Test func aStoreThatLeavesItOpenForLongEndsTheDaemonBeforeAnybodyIsTold() async throws {
        let store = MemoryJobStore()
        let ends = Counter()
        try await withDaemon(store: store, onEnd: { _ in ends.add() }) { harness in
            store.fail(next: Array(repeating: .unknown, count: 40))
            let answered = Counter()
            harness.client.call(.createJob, ["jobId": "a"]).whenComplete { _ in answered.add() }
            while ends.count == 0 {
                await harness.clock.advance(by: .seconds(1))
                try await harness.call(.listQueues)
            }
            #expect(answered.count == 0)
            store.fail(next: [])
            while answered.count == 0 { await harness.clock.advance(by: .seconds(1)) }
        }
    }

    @Test func aSupersededDaemonDecidesNothingMore() async throws {
        let store = MemoryJobStore()
        let (reasons, continuation) = AsyncStream.makeStream(of: String.self)
        try await withDaemon(store: store, onEnd: { continuation.yield($0) }) { harness in
            store.fail(next: [.superseded])
            let refusal = try await harness.refusal(.createJob, ["jobId": "a"])
            #expect(refusal?.code == .unavailable)
            #expect(await reasons.first { _ in true } != nil)
            let count = store.commitCount
            #expect(try await harness.refusal(.createJob, ["jobId": "b"])?.code == .unavailable)
            #expect(store.commitCount == count)
        }
    }

    /// Of the decisions that share a commit, the one that meets a job of which only the store knows is decided again alone.
    @Test func theInnocentAreNotTakenBackForAnothersConflict() async throws {
        let store = MemoryJobStore()
        for number in 1...50 {
            let ended = Job.sample(jobId: .named("old-\(number)"), status: .completed, number: Int64(number))
            try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(ended)))])
        }
        try await withDaemon(store: store) { harness in
            store.hold()
            let old = (1...50).map { harness.client.call(.createJob, ["jobId": .string("old-\($0)"), "fileIds": []]) }
            let new = (1...50).map { harness.client.call(.createJob, ["jobId": .string("new-\($0)"), "fileIds": []]) }
            try await harness.call(.listQueues)
            let count = store.commitCount
            store.release()
            for call in new {
                #expect(try JSONValue.parse(try await call.outcome().readableBytesView)["created"] == true)
            }
            for call in old {
                #expect(try JSONValue.parse(try await call.outcome().readableBytesView)["created"] == false)
            }
            await harness.daemon.idle()
            // The first, which was under way alone, the batch, and the start of a job in the slot that an old one had.
            #expect(store.commitCount - count <= 4)
            #expect(try await harness.call(.serverStatus)["storage"]?["writable"] == true)
            #expect(harness.runner.calls.count == 1)
            try await expectImage(of: store, in: harness.daemon)
        }
    }

    @Test func aDecisionThatTheStoreCannotTakeIsRefusedAlone() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.fail(next: [.rejected])
            let refusal = try await harness.refusal(.createJob, ["jobId": "a"])
            #expect(refusal?.code == .internalError)
            #expect(try await harness.call(.serverStatus)["storage"]?["writable"] == true)
            #expect(try await harness.call(.createJob, ["jobId": "a"])["created"] == true)
        }
    }

    // MARK: Reads

    /// What requests name that the daemon has to ask the store about.
    static let lookUps: [(method: Method, params: JSONObject)] = [
        (.createJob, ["jobId": "new", "fileIds": ["file_one", "file_two"], "after": ["ended"]]),
        (.createJob, ["jobId": "new", "fileIds": [], "dedupeKey": "k", "dedupeSeconds": 60]),
        (.processJob, ["jobId": "ended", "fileIds": ["file_two"]]),
        (.retryJob, ["jobId": "ended"]), (.cancelJob, ["jobId": "ended"]), (.getJob, ["jobId": "ended"]),
        (.updateJob, ["jobId": "ended", "metadata": ["k": "v"]]), (.deleteJob, ["jobId": "ended"]),
        (.deleteFile, ["fileId": "file_one"]), (.deleteFile, ["fileId": "file_two"]),
    ]

    /// One after the other each read fails that a request needs; then it does what it would have done at once.
    @Test(arguments: lookUps.indices)
    func aReadThatFailsRefusesARequestAndChangesNothing(index: Int) async throws {
        let (method, params) = Self.lookUps[index]
        let (asked, undisturbed) = (try await storeOfEnded(), try await storeOfEnded())
        var answers: [String] = []
        var failures = 0
        for store in [undisturbed, asked] {
            try await withDaemon(store: store) { harness in
                let commits = store.commitCount
                while true {
                    if store === asked { store.failRead(after: failures) }
                    guard try await harness.refusal(method, params)?.code == .unavailable else { break }
                    failures += 1
                    #expect(store.commitCount == commits)
                }
                store.failRead(after: nil)
                answers.append("\(try await harness.call(.getStats)["counts"] ?? .null)")
                await harness.daemon.idle()
            }
        }
        #expect(failures > 0 && Set(answers).count == 1)
        let (found, expected) = (try await asked.load(), try await undisturbed.load())
        #expect(found.jobs == expected.jobs)
        for id in ["ended", "new"] {
            #expect(try await asked.record(.named(id)) == (try await undisturbed.record(.named(id))))
        }
        let ids: [FileID] = [.named("file_one"), .named("file_two")]
        #expect(try await asked.files(ids) == (try await undisturbed.files(ids)))
    }

    /// A job that has ended with its file, and a file that nobody uses: nothing of it is in memory after a start.
    private func storeOfEnded() async throws -> MemoryJobStore {
        let store = MemoryJobStore()
        let (one, two) = (JobFile.sample("one"), JobFile.sample("two"))
        let ended = Job.sample(jobId: .named("ended"), status: .completed, files: [one])
        // As old as the day, so that nothing goes by itself.
        let moment = ManualClock().now
        try await store.commit([
            .job(JobEvent(kind: .created, before: nil, after: .job(ended))),
            .file(
                FileEvent(
                    fileId: one.fileId, before: nil,
                    after: FileRecord(file: one, createdAt: moment, uses: 1, revision: 1))),
            .file(
                FileEvent(
                    fileId: two.fileId, before: nil,
                    after: FileRecord(file: two, createdAt: moment, uses: 0, revision: 1))),
        ])
        return store
    }

    // MARK: What running attempts say

    /// However long the store refuses, and however often an attempt reports.
    @Test func whatARunningAttemptSaysIsKeptOnceAndInOrder() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            store.fail(next: Array(repeating: .full, count: 60))
            for number in 1...500 {
                await harness.propose(
                    .report(
                        .named("a"), run: 1,
                        Report(
                            progress: Double(number % 100), step: "s\(number)", lines: [.sample("\(number)")])))
                if number % 10 == 0 { await harness.clock.advance(by: .seconds(1)) }
            }
            await harness.propose(.finish(.named("a"), run: 1, RunOutcome(.completed, lines: [.sample("end")])))
            // Pauses grow to a minute: so many seconds are far fewer commits.
            #expect(store.commitCount < 25)
            store.fail(next: [])
            while try await harness.call(.getJob, ["jobId": "a"])["status"] != "completed" {
                await harness.clock.advance(by: .seconds(10))
            }
            let lines = try await store.lines(of: .named("a"), run: nil, after: 0, limit: 1000).map(\.text)
            #expect(lines == (1...500).map(String.init) + ["end"])
        }
    }

    // MARK: The start

    @Test func nothingStartsBeforeWhatTheLastDaemonLeftIsTakenCareOf() async throws {
        let (store, clock) = (MemoryJobStore(), ManualClock())
        let running = Job.sample(jobId: .named("a"), status: .processing, attempt: 1, runner: .jobd)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(running)))])
        store.fail(next: [.full, .full, .unknown, .unavailable])
        let started = Counter()
        let passing = Task { while started.count == 0 { await clock.advance(by: .seconds(1)) } }
        try await withDaemon(store: store, clock: clock) { harness in
            started.add()
            await passing.value
            let job = try await harness.call(.getJob, ["jobId": "a"])
            #expect((job["attempt"], job["crashes"], job["status"]) == (2, 1, "processing"))
            #expect(harness.runner.calls == [.run(.named("a"), run: 2)])
        }
    }

    // MARK: What is shown

    @Test func queuesAreShownAsTheyAreStored() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.hold()
            let calls = [
                harness.client.call(.createJob, ["jobId": "a", "fileIds": []]),
                harness.client.call(.pauseQueue, ["name": "default"]),
                harness.client.call(.createJob, ["jobId": "b", "fileIds": []]),
            ]
            func queue() async throws -> [JSONValue?] {
                let queue = try await harness.call(.listQueues)["queues"]?.array?.first
                return [queue?["running"], queue?["queued"], queue?["paused"]]
            }
            #expect(try await queue() == [0, 0, false])
            store.release()
            for call in calls { _ = try await call.outcome() }
            #expect(try await queue() == [1, 1, true])
        }
    }

    @Test func aDamagedStoreEndsTheDaemonWithItsReason() async throws {
        let store = MemoryJobStore()
        let (reasons, continuation) = AsyncStream.makeStream(of: String.self)
        try await withDaemon(store: store, onDamage: { continuation.yield($0) }) { harness in
            store.fail(next: [.damaged])
            let refusal = try await harness.refusal(.createJob, ["jobId": "a"])
            #expect(refusal?.code == .unavailable)
            #expect(await reasons.first { _ in true } == "the test said so")
            // Nothing is written to it any more.
            let count = store.commitCount
            #expect(try await harness.refusal(.createJob, ["jobId": "b"])?.code == .unavailable)
            #expect(store.commitCount == count)
        }
    }
}

extension Daemon {
    /// The map at a moment at which nothing of it is on its way to the store.
    fileprivate var restingMap: JobMap {
        get async {
            while !isIdle { await idle() }
            return committer.map
        }
    }

    fileprivate var takesChanges: Bool { committer.health.isWell }

    /// The active jobs as readers see them.
    fileprivate var shownJobs: [Job] {
        audience.records.filter(\.isActive).compactMap(\.job).sorted { $0.number < $1.number }
    }
}
