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

/// Work that is done elsewhere, through the control socket.
@Suite(.timeLimit(.minutes(5)))
struct WorkTests {
    static let rules = Rules(
        widths: ["default": 1, "video": 4],
        pipelines: [JobMap.defaultJobType: .init(), "encode": .init(queue: "video", work: .workers)],
        retention: DaemonHarness.rules.retention)

    private func create(_ name: String, _ harness: DaemonHarness) async throws {
        try await harness.call(.createJob, ["jobId": .string(name), "jobType": "encode", "fileIds": []])
    }

    private func claim(
        _ harness: DaemonHarness, _ more: JSONObject = [:], by client: ControlClient? = nil
    ) async throws -> [(id: String, token: String)] {
        var params: JSONObject = ["queues": ["video"], "worker": "w"]
        for member in more.members { params[member.key] = member.value }
        let reply = try await (client ?? harness.client).call(.claimWork, params).outcome()
        let jobs = try #require(try JSONValue.parse(reply.readableBytesView)["jobs"]?.array)
        return try jobs.map { job in
            (
                try #require(job["job"]?["jobId"]?.string), try #require(job["lease"]?["token"]?.string)
            )
        }
    }

    private func connect(_ harness: DaemonHarness) async throws -> ControlClient {
        try await ControlClient.connect(
            to: harness.socketPath, on: MultiThreadedEventLoopGroup.singleton.next()
        ).outcome()
    }

    /// Waits until a job is in this state.
    private func wait(for id: String, _ status: String, _ harness: DaemonHarness) async throws -> JSONValue {
        var since: Int64 = 0
        while true {
            let job = try await harness.call(
                .getJob, ["jobId": .string(id), "since": JSONValue(since), "waitSeconds": 50])
            if job["status"]?.string == status { return job }
            since = job["version"]?.integer ?? 0
        }
    }

    @Test func aJobIsClaimedReportedAndCompleted() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (id, token) = try #require(try await claim(harness, ["leaseSeconds": 30]).first)
            #expect(id == "a" && harness.runner.calls.isEmpty)
            let lease: JSONObject = ["jobId": "a", "token": .string(token)]
            var report = lease
            report["progress"] = 40
            report["lines"] = [["stream": "stdout", "text": "frame 1"]]
            await harness.clock.advance(by: .seconds(10))
            let state = try await harness.call(.reportWork, report)
            #expect(state["cancelRequested"] == false && state["expiresAt"]?.string?.contains("12:00:40") == true)
            #expect(try await harness.call(.readLog, ["jobId": "a"])["lines"]?.array?.count == 1)
            let completed = try await harness.call(.completeWork, lease)
            #expect(completed["status"] == "completed" && completed["worker"] == "w")
            #expect(try await harness.call(.completeWork, lease) == completed, "said again, the same answer")
            #expect(try await harness.refusal(.releaseWork, lease)?.code == .leaseLost)
            #expect(try await harness.refusal(.releaseWork, ["jobId": "b", "token": "x-1"])?.code == .jobNotFound)
        }
    }

    @Test func aClaimWaitsForTheNextJob() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let waiting = harness.client.call(.claimWork, ["queues": ["video"], "waitSeconds": 50])
            try await harness.call(.listQueues)
            try await create("a", harness)
            let reply = try JSONValue.parse(try await waiting.outcome().readableBytesView)
            #expect(reply["jobs"]?.array?.first?["job"]?["jobId"] == "a")
            #expect(reply["jobs"]?.array?.first?["lease"]?["expiresAt"] == .null)
            #expect(try await claim(harness, ["waitSeconds": JSONValue(0.05)]).isEmpty)
        }
    }

    @Test func aWorkerWhoseConnectionEndsLosesItsJobToTheNext() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let worker = try await connect(harness)
            #expect(try await claim(harness, by: worker).map(\.id) == ["a"])
            let next = harness.client.call(.claimWork, ["queues": ["video"], "waitSeconds": 50])
            try await harness.call(.listQueues)
            worker.close()
            let reply = try JSONValue.parse(try await next.outcome().readableBytesView)
            let job = try #require(reply["jobs"]?.array?.first?["job"])
            #expect(job["crashes"] == 1 && job["run"] == 2)
        }
    }

    /// Nobody else asks for work: so nothing but the start itself tells that its worker has gone.
    @Test func whatAWorkerIsJustGettingIsBackWhenItsConnectionEnds() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store, rules: Self.rules) { harness in
            try await create("a", harness)
            let worker = try await connect(harness)
            _ = try await worker.call(.listQueues).outcome()
            store.hold()
            _ = worker.call(.claimWork, ["queues": ["video"], "waitSeconds": 50])
            _ = try await worker.call(.listQueues).outcome()
            worker.close()
            while try await harness.call(.serverStatus)["connections"]?.integer != 1 {}
            store.release()
            // Before its start is told it waits, too.
            while try await harness.call(.getJob, ["jobId": "a"])["crashes"] != 1 {}
            _ = try await wait(for: "a", "queued", harness)
        }
    }

    @Test func aWorkerThatSpeaksAfterARestartHoldsItsJob() async throws {
        let store = MemoryJobStore()
        var token = ""
        try await withDaemon(store: store, rules: Self.rules) { harness in
            try await create("a", harness)
            token = try #require(try await claim(harness).first).token
        }
        try await withDaemon(store: store, rules: Self.rules) { harness in
            let worker = try await connect(harness)
            _ = try await worker.call(
                .reportWork, ["jobId": "a", "token": .string(token), "progress": 10]
            ).outcome()
            await harness.clock.advance(by: .seconds(60))
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "processing")
            worker.close()
            let job = try await wait(for: "a", "queued", harness)
            #expect(job["crashes"] == 1)
        }
    }

    @Test func whatEarlierRunsMadeGoesWithTheEnd() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (_, first) = try #require(try await claim(harness, ["leaseSeconds": 30]).first)
            try await harness.call(.releaseWork, ["jobId": "a", "token": .string(first)])
            #expect(harness.disk.keptRuns == [])
            let (_, second) = try #require(try await claim(harness, ["leaseSeconds": 30]).first)
            try await harness.call(.completeWork, ["jobId": "a", "token": .string(second)])
            #expect(harness.disk.keptRuns == ["a/2"])
        }
    }

    @Test func whatIsWrongWithAFailureIsNamedWhereItStands() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let params: JSONObject = ["jobId": "a", "token": "x-1", "error": ["code": 7]]
            let refusal = try await harness.refusal(.failWork, params)
            #expect(refusal?.pointer == "/error/code")
        }
    }

    @Test func whatIsRenewedBelongsToTheConnectionThatRenewsIt() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (first, second) = (try await connect(harness), try await connect(harness))
            let (_, token) = try #require(try await claim(harness, by: first).first)
            let lease: JSONValue = ["jobId": "a", "token": .string(token)]
            let renewed = try await second.call(.renewWork, ["leases": [lease]]).outcome()
            #expect(
                try JSONValue.parse(renewed.readableBytesView)
                    == ["leases": [["jobId": "a", "expiresAt": .null, "cancelRequested": false]]])
            first.close()
            try await first.closeFuture.outcome()
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "processing")
            second.close()
            let job = try await wait(for: "a", "queued", harness)
            #expect(job["crashes"] == 1)
        }
    }

    @Test func aWorkerIsToldThatItsJobIsToBeCancelled() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (_, token) = try #require(try await claim(harness).first)
            try await harness.call(.cancelJob, ["jobId": "a"])
            let lease: JSONObject = ["jobId": "a", "token": .string(token)]
            #expect(try await harness.call(.reportWork, lease)["cancelRequested"] == true)
            #expect(try await harness.call(.completeWork, lease)["status"] == "cancelled")
            #expect(harness.runner.calls.isEmpty)
        }
    }

    @Test func aSilentWorkerLosesItsJob() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (_, token) = try #require(try await claim(harness, ["leaseSeconds": 5]).first)
            await harness.clock.advance(by: .seconds(5))
            _ = try await wait(for: "a", "queued", harness)
            let lease: JSONValue = ["jobId": "a", "token": .string(token)]
            #expect(
                try await harness.call(.renewWork, ["leases": [lease]])
                    == ["leases": [["jobId": "a", "code": "lease-lost"]]])
        }
    }

    @Test func whatAWorkerMadeBelongsToItsRun() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            try await create("a", harness)
            let (_, token) = try #require(try await claim(harness).first)
            let lease: JSONObject = ["jobId": "a", "token": .string(token)]
            var begin = lease
            begin["name"] = "clip.webm"
            begin["mediaType"] = "video/webm"
            let upload = try #require(try await harness.call(.beginArtifact, begin)["fileId"])
            try await harness.call(.appendArtifact, ["fileId": upload, "data": JSONValue(base64: Array("webm".utf8))])
            let artifact = try await harness.call(.commitArtifact, ["fileId": upload])
            #expect(artifact["name"] == "clip.webm" && artifact["size"] == 4 && artifact["mediaType"] == "video/webm")
            #expect(harness.disk.artifacts == ["a/1/clip.webm"])
            let job = try await harness.call(.completeWork, lease)
            #expect(job["artifacts"]?.array?.count == 1)
            #expect(try await harness.refusal(.beginArtifact, begin)?.code == .leaseLost)
        }
    }

    @Test func anInputIsForTheOneWhoHoldsItsJob() async throws {
        try await withDaemon(rules: Self.rules) { harness in
            let file = JobFile.sample("one")
            try await harness.call(.adoptFile, file.json.object ?? [:])
            try await harness.call(
                .createJob, ["jobId": "a", "jobType": "encode", "fileIds": [.string(file.fileId.description)]])
            let (_, token) = try #require(try await claim(harness).first)
            var params: JSONObject = ["jobId": "a", "token": .string(token)]
            params["fileId"] = .string(file.fileId.description)
            #expect(try await harness.call(.getInput, params)["sha256"] == file.sha256.map(JSONValue.string))
            let part = try await harness.call(.readFile, ["fileId": "file_one", "offset": 4, "limit": 5])
            #expect(part["data"] == JSONValue(base64: Array("input".utf8)))
            params["fileId"] = "file_two"
            #expect(try await harness.refusal(.getInput, params)?.code == .fileNotFound)
            params["token"] = "guessed"
            #expect(try await harness.refusal(.getInput, params)?.code == .leaseLost)
        }
    }

    /// What was given and not stored is nobody's: who asked is told, and the job waits.
    @Test(arguments: [StoreFault.full, .unavailable])
    func aClaimThatCannotBeStoredIsRefusedAndTheJobIsLeft(fault: StoreFault) async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store, rules: Self.rules) { harness in
            try await create("a", harness)
            store.fail(next: [fault])
            #expect(
                try await harness.refusal(.claimWork, ["queues": ["video"], "waitSeconds": 50])?.code.mayRetry == true)
            let waiting = harness.client.call(.claimWork, ["queues": ["video"], "waitSeconds": 50])
            try await harness.call(.listQueues)
            await harness.clock.advance(by: .seconds(2))
            let reply = try JSONValue.parse(try await waiting.outcome().readableBytesView)
            #expect(reply["jobs"]?.array?.first?["job"]?["run"] == 1)
        }
    }

    @Test func afterARestartAWorkerComesBack() async throws {
        let store = MemoryJobStore()
        var token = ""
        try await withDaemon(store: store, rules: Self.rules) { harness in
            try await create("a", harness)
            token = try #require(try await claim(harness).first).token
        }
        try await withDaemon(store: store, rules: Self.rules) { harness in
            let lease: JSONValue = ["jobId": "a", "token": .string(token)]
            let renewed = try await harness.call(.renewWork, ["leases": [lease]])
            #expect(renewed["leases"]?.array?.first?["cancelRequested"] == false)
            await harness.clock.advance(by: .seconds(60))
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "processing")
        }
        try await withDaemon(store: store, rules: Self.rules) { harness in
            await harness.clock.advance(by: .seconds(10))
            let job = try await wait(for: "a", "queued", harness)
            #expect(job["crashes"] == 1)
        }
    }
}
