import JSON
import JobDaemonTesting
import JobModel
import JobStorage
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobDaemon

@Suite(.timeLimit(.minutes(5)))
struct DaemonTests {
    // MARK: Nothing is told before it is durable

    @Test func nobodySeesWhatIsNotDurable() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.hold()
            let create = harness.client.call(.createJob, ["jobId": "a", "fileIds": []])
            let refused = harness.client.call(.createJob, ["jobId": "a", "onConflict": "reject"])
            #expect(try await harness.refusal(.getJob, ["jobId": "a"])?.code == .jobNotFound)
            #expect(harness.runner.calls.isEmpty)
            store.release()
            _ = try await create.outcome()
            await #expect(throws: Refusal.self) { try await refused.outcome() }
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "processing")
            #expect(harness.runner.calls == [.run(.named("a"), run: 1)])
        }
    }

    @Test func whatIsDecidedWhileACommitRunsSharesTheNext() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            store.hold()
            let calls = (0..<100).map { harness.client.call(.createJob, ["jobId": .string("job-\($0)")]) }
            try await harness.call(.listQueues)
            store.release()
            for call in calls { _ = try await call.outcome() }
            #expect(store.commitCount <= 3)
        }
    }

    @Test func aJobThatOnlyTheStoreKnowsIsFound() async throws {
        let store = MemoryJobStore()
        let ended = Job.sample(jobId: .named("ended"), status: .completed, attempt: 1, runner: .jobd)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(ended)))])
        try await withDaemon(store: store) { harness in
            let again = try await harness.call(.createJob, ["jobId": "ended", "message": "not taken"])
            #expect(again["created"] == false)
            #expect(again["job"]?["status"] == "completed")
            #expect(try await harness.call(.getJob, ["jobId": "ended"])["message"] == .null)
            #expect(try await harness.refusal(.cancelJob, ["jobId": "ended"])?.code == .jobConflict)
            try await harness.call(.deleteJob, ["jobId": "ended"])
            #expect(try await harness.refusal(.createJob, ["jobId": "ended"])?.code == .jobGone)
        }
    }

    /// What is wrong with a request depends on whether the id is taken: a client repeats creates after a restart.
    @Test(arguments: [Method.createJob, .processJob])
    func aJobThatOnlyTheStoreKnowsIsFoundBeforeARequestForItIsRefused(method: Method) async throws {
        let store = MemoryJobStore()
        let gone = Job.sample(jobId: .named("gone"), status: .completed, number: 1)
        let tombstone = Tombstone(
            jobId: gone.jobId, number: 1, revision: 2, jobStatus: .completed, finishedAt: nil,
            goneAt: Timestamp(milliseconds: 1_795_435_200_000))
        let ended = Job.sample(jobId: .named("ended"), status: .completed, queue: "former", number: 2)
        try await store.commit([
            .job(JobEvent(kind: .created, before: nil, after: .gone(tombstone))),
            .job(JobEvent(kind: .created, before: nil, after: .job(ended))),
        ])
        try await withDaemon(store: store) { harness in
            let lost: JSONValue = ["file_lost"]
            #expect(try await harness.refusal(method, ["jobId": "gone", "fileIds": lost])?.code == .jobGone)
            #expect(try await harness.refusal(method, ["jobId": "new", "fileIds": lost])?.code == .fileNotFound)
            var params: JSONObject = ["jobId": "ended", "fileIds": []]
            if method == .createJob { params["queue"] = "former" }
            let again = try await harness.call(method, params)
            #expect(again["job"]?["queue"] == "former")
        }
    }

    @Test func aFileThatIsAdoptedAgainIsShownAsItIsStored() async throws {
        try await withDaemon { harness in
            let file = JobFile.sample("one")
            let other = JobFile(
                fileId: file.fileId, name: "other", size: 1, mediaType: file.mediaType, sha256: file.sha256)
            try await harness.call(.adoptFile, file.json.object ?? [:])
            #expect(try await harness.call(.adoptFile, other.json.object ?? [:]) == file.json)
        }
    }

    @Test func aListEndsWithTheConnectionThatAskedForIt() async throws {
        let store = MemoryJobStore()
        store.holdLists()
        try await withDaemon(store: store) { harness in
            let other = try await LineConnection.connect(to: harness.socketPath)
            try await other.send(#"{"jsonrpc":"2.0","id":1,"method":"jobs.list"}"# + "\n")
            // It has been taken when what was sent behind it is answered.
            try await other.send(#"{"jsonrpc":"2.0","id":2,"method":"queues.list"}"# + "\n")
            _ = await other.next()
            try await other.close()
            while store.interruptedLists == 0 { try await harness.call(.listQueues) }
        }
    }

    @Test func whileNoRoomCanBeMadeJobsStayQueuedAndThenStart() async throws {
        try await withDaemon { harness in
            await harness.set(sandbox: .failing(reason: "unshare failed"))
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
            let explanation = try await harness.call(.explainJob, ["jobId": "a"])
            #expect(explanation["because"] == "sandbox")
            let next = harness.client.call(.getJob, ["jobId": "a", "since": 1, "waitSeconds": 50])
            await harness.set(sandbox: .working(isMemoryHeld: true))
            #expect(try JSONValue.parse(try await next.outcome().readableBytesView)["status"] == "processing")
        }
    }

    // MARK: Waiting and watching

    @Test func aWaitEndsWithTheChange() async throws {
        try await withDaemon { harness in
            let early = harness.client.call(.getJob, ["jobId": "a", "waitSeconds": 50])
            try await harness.call(.createJob, ["jobId": "a"])
            #expect(try JSONValue.parse(try await early.outcome().readableBytesView)["version"] == 1)
            let next = harness.client.call(.getJob, ["jobId": "a", "since": 1, "waitSeconds": 50])
            try await harness.call(.updateJob, ["jobId": "a", "progress": 5])
            #expect(try JSONValue.parse(try await next.outcome().readableBytesView)["version"] == 2)
        }
    }

    @Test func aWaitThatRunsOutSaysHowThingsAre() async throws {
        try await withDaemon { harness in
            try await harness.call(.createJob, ["jobId": "a"])
            let params: JSONObject = ["jobId": "a", "since": 1, "waitSeconds": .number("0.05")]
            #expect(try await harness.call(.getJob, params)["version"] == 1)
            let missing: JSONObject = ["jobId": "b", "waitSeconds": .number("0.05")]
            #expect(try await harness.refusal(.getJob, missing)?.code == .jobNotFound)
        }
    }

    @Test func aSlowListenerGetsTheNewestStateAndTheLast() async throws {
        try await withDaemon { harness in
            let slow = try await LineConnection.connect(to: harness.socketPath)
            let text = String(repeating: "x", count: 900)
            try await harness.call(.createJob, ["jobId": "a", "jobType": "import"])
            try await slow.pauseReading()
            try await slow.send(#"{"jsonrpc":"2.0","id":1,"method":"jobs.watch","params":{"jobIds":["a"]}}"# + "\n")
            try await harness.call(.updateJob, ["jobId": "a", "status": "processing"])
            for number in 1...2000 {
                try await harness.call(
                    .updateJob,
                    ["jobId": "a", "message": .string("\(number) \(text)"), "progress": JSONValue(Double(number) / 21)])
            }
            try await harness.call(.updateJob, ["jobId": "a", "status": "completed"])
            try await slow.resumeReading()
            var versions: [Int64] = []
            var status: String?
            while status != "completed", let line = await slow.next() {
                let job = try JSONValue.parse(line)["params"]?["job"]
                if let version = job?["version"]?.integer { versions.append(version) }
                status = job?["status"]?.string
            }
            #expect(status == "completed")
            #expect(versions == versions.sorted() && Set(versions).count == versions.count)
            #expect(versions.count < 2000)
        }
    }

    // MARK: Starting and stopping

    @Test func whatALostDaemonRanIsQueuedAgain() async throws {
        let store = MemoryJobStore()
        let running = Job.sample(jobId: .named("a"), status: .processing, attempt: 1, runner: .jobd)
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(running)))])
        try await withDaemon(store: store) { harness in
            let job = try await harness.call(.getJob, ["jobId": "a"])
            #expect((job["attempt"], job["crashes"], job["status"]) == (2, 1, "processing"))
            #expect(harness.runner.calls == [.run(.named("a"), run: 2)])
        }
    }

    @Test func aStopReleasesWhatRuns() async throws {
        let store = MemoryJobStore()
        try await withDaemon(store: store) { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": []])
        }
        let job = try #require(try await store.record(.named("a"))?.job)
        #expect((job.status, job.runs.attempt, job.runs.crashes, job.runs.releases) == (.queued, 1, 0, 1))
    }

    @Test func aScheduledJobStartsAtItsMoment() async throws {
        try await withDaemon { harness in
            try await harness.call(.createJob, ["jobId": "a", "fileIds": [], "delaySeconds": 30])
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "scheduled")
            await harness.clock.advance(by: .seconds(29))
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "scheduled")
            await harness.clock.advance(by: .seconds(1))
            await harness.daemon.idle()
            #expect(try await harness.call(.getJob, ["jobId": "a"])["status"] == "processing")
        }
    }

    @Test(.timeLimit(.minutes(5))) func aFileThatNoJobUsesGoesAfterADay() async throws {
        try await withDaemon { harness in
            for name in ["one", "two"] { try await harness.call(.adoptFile, JobFile.sample(name).json.object ?? [:]) }
            try await harness.call(.createJob, ["jobId": "a", "fileIds": ["file_two"]])
            await harness.clock.advance(by: .seconds(86_400 - 1200))
            try await harness.call(.getFile, ["fileId": "file_one"])
            await harness.clock.advance(by: .seconds(1201))
            // A look that is under way says afterwards when the next one is to be.
            while harness.disk.removedFiles.isEmpty { await harness.clock.advance(by: .seconds(1)) }
            #expect(harness.disk.removedFiles == [.named("file_one")])
            try await harness.call(.getFile, ["fileId": "file_two"])
        }
    }

    @Test func theBytesOfADeletedJobGo() async throws {
        try await withDaemon { harness in
            try await harness.call(.adoptFile, JobFile.sample("one").json.object ?? [:])
            try await harness.call(.processJob, ["jobId": "a", "fileIds": ["file_one"]])
            await harness.propose(.finish(.named("a"), run: 1, RunOutcome(.completed)))
            try await harness.call(.getJob, ["jobId": "a", "since": 2, "waitSeconds": 50])
            try await harness.call(.deleteJob, ["jobId": "a"])
            #expect(harness.disk.removedArtifacts == [.named("a")])
            #expect(harness.disk.removedFiles == [.named("file_one")])
        }
    }
}
