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
                .named("b"), run: 1, Outcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true)))),
        .request(.cancelJob, ["jobId": "a"]),
        .word(.finish(.named("a"), run: 1, Outcome(.cancelled(nil)))),
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

    static let faults: [MemoryJobStore.Fault] = [.full, .unavailable, .conflict]

    @Test(arguments: faults, 0..<28)
    func theMapIsTheStoresImageAfterEachStep(fault: MemoryJobStore.Fault, commit: Int) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.fail(next: Array(repeating: nil, count: commit) + [fault])
            for step in Self.day {
                try await perform(step, harness)
                try await expectImage(of: store, in: harness.daemon)
                // What a failed commit took back from the daemon's own parts is said again.
                await harness.clock.advance(by: .seconds(2))
                try await expectImage(of: store, in: harness.daemon)
            }
            #expect(try await harness.refusal(.getJob, ["jobId": "d"])?.code == .jobGone)
        }
    }

    /// A client repeats what may be repeated; a conflict never reaches it.
    private func perform(_ step: Step, _ harness: DaemonHarness) async throws {
        switch step {
        case .request(let method, let params):
            while let refusal = try await harness.refusal(method, params) {
                try #require(refusal.code.mayRetry, "\(method) \(refusal)")
            }
        case .word(let command): harness.daemon.tell(command)
        case .pass(let span): await harness.clock.advance(by: span)
        }
        // The word before this one has been decided when a request after it is answered.
        try await harness.call(.listQueues)
    }

    private func expectImage(of store: MemoryJobStore, in daemon: Daemon) async throws {
        await daemon.idle()
        let snapshot = try await store.load()
        let map = await daemon.map
        #expect(map.activeJobs.sorted { $0.number < $1.number } == snapshot.jobs)
        var rebuilt = JobMap(rules: map.rules, nextNumber: snapshot.nextNumber)
        for job in snapshot.jobs { rebuilt.admit(.job(job)) }
        for name in snapshot.pausedQueues { rebuilt.admit(pausedQueue: name) }
        #expect(rebuilt.queue("default") == map.queue("default"))
        #expect(await daemon.shownJobs == snapshot.jobs)
    }

    @Test(arguments: [[MemoryJobStore.Fault.full], [.unavailable, .full]])
    func aStoreThatTakesChangesAgainIsFoundOutWithoutAnybodyAsking(faults: [MemoryJobStore.Fault]) async throws {
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
            while try await isWritable() == false { await Task.yield() }
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
    /// The active jobs as readers see them.
    fileprivate var shownJobs: [Job] {
        image.records.filter(\.isActive).compactMap(\.job).sorted { $0.number < $1.number }
    }
}
