import JSON
import JobModel
import JobTesting
import Testing

/// Work done elsewhere, as commands and events.
@Suite(.timeLimit(.minutes(5)))
struct LeaseTests {
    var map = JobMap(
        rules: Rules(
            widths: ["default": 1, "wide": 4],
            pipelines: [
                JobMap.defaultJobType: .init(queue: "wide"), "video": .init(queue: "wide", work: .workers),
                "audio": .init(queue: "wide", work: .workers, maxAttempts: 2),
            ]))
    let start = Timestamp(milliseconds: 1_000_000)

    private func id(_ name: String) throws -> JobID { try #require(JobID(name)) }

    private func job(_ name: String) throws -> Job { try #require(map.record(try id(name))?.job) }

    private func offer(
        _ name: String = "one", types: [String]? = nil, count: Int = 1, seconds: Int? = nil
    ) throws -> Offer {
        Offer(
            id: try #require(OfferID(name)), queues: ["wide"], jobTypes: types, count: count, worker: "w",
            leaseSeconds: seconds)
    }

    private func lease(_ name: String) throws -> LeaseProof {
        LeaseProof(jobId: try id(name), token: try job(name).lease.token)
    }

    @discardableResult
    private mutating func create(_ name: String, type: String = "video", priority: Int? = nil) throws -> [JobID] {
        let creation = Creation(jobId: try id(name), jobType: type, priority: priority, fileIds: [])
        return try map.apply(.create(creation), at: start).started
    }

    @discardableResult
    private mutating func claim(_ offer: Offer, after time: Duration = .zero) throws -> [JobID] {
        try map.apply(.claim(offer), at: start + time).started
    }

    // MARK: Offers

    @Test mutating func aJobOfWorkersWaitsUntilSomebodyAsks() throws {
        #expect(try create("a").isEmpty)
        #expect(try job("a").status == .queued)
        #expect(try claim(offer(seconds: 30)) == [id("a")])
        let job = try job("a")
        #expect((job.status, job.lease.runner, job.lease.worker) == (.processing, .worker, "w"))
        #expect((job.runs.attempt, job.runs.last, job.lease.expiresAt) == (1, 1, start + .seconds(30)))
        #expect(map.offerCount == 0, "what it was offered for is given")
    }

    /// What waits for workers whose type has gone is taken here, where it ends as one that nobody can run.
    @Test mutating func aQueueAndATypeThatLeaveTheConfigurationLeaveNothingStuck() throws {
        try claim(offer("first", seconds: 30))
        #expect(try create("a") == [id("a")])
        map.rules.widths["wide"] = 1
        for name in ["b", "c"] { try create(name) }
        map.rules.widths["wide"] = nil
        map.rules.pipelines["video"] = nil
        #expect(try map.apply(.tick, at: start).isEmpty, "the one slot is taken")
        #expect(throws: JobError.self) { try claim(offer("second")) }
        let lease = try lease("a")
        #expect(try map.apply(.say(.complete(result: nil), lease), at: start).started == [id("b")])
        #expect(try job("b").lease.runner == .jobd)
        let waiting = try job("c")
        #expect(map.explanation(of: waiting, at: start).because == .noPipeline)
        let failure = JobFailure(.rejected, message: "No pipeline.")
        for name in ["b", "c"] {
            _ = try map.apply(.finish(id(name), run: 1, RunOutcome(.failed(failure, mayRetry: false))), at: start)
        }
        #expect(try job("c").status == .failed)
        #expect(map.queueNames == ["default"])
        #expect(map.nextDeadline() == nil)
    }

    @Test mutating func anOfferThatGetsNothingGetsTheNextJob() throws {
        #expect(try claim(offer("first")).isEmpty)
        #expect(try claim(offer("second")).isEmpty)
        #expect(try create("a") == [id("a")])
        #expect(try job("a").lease.token?.offer == OfferID("first"), "who asked first gets it")
        #expect(try create("b") == [id("b")])
        #expect(try job("b").lease.token?.offer == OfferID("second"))
        #expect(try create("c").isEmpty)
    }

    @Test mutating func anOfferTakesAsManyAsItSaysAndItsTypesOnly() throws {
        for name in ["a", "b", "c"] { try create(name) }
        try create("sound", type: "audio")
        #expect(try claim(offer("one", types: ["audio"], count: 9)) == [id("sound")])
        #expect(try claim(offer("two", types: ["video"], count: 2)) == [id("a"), id("b")])
        #expect(try job("a").lease.token != job("b").lease.token, "each job has a token of its own")
    }

    @Test mutating func workersAndTheDaemonShareAWidthInTheOrderOfPriority() throws {
        try claim(offer("one", count: 1))
        for number in 0..<4 { #expect(try create("here\(number)", type: JobMap.defaultJobType).count == 1) }
        try create("low", type: JobMap.defaultJobType)
        try create("high", priority: 5)
        let events = try map.apply(.finish(id("here0"), run: 1, RunOutcome(.completed)), at: start)
        #expect(try events.started == [id("high")])
        #expect(map.queue("wide").running == 4)
    }

    @Test mutating func anOfferThatIsTakenBackGetsNothing() throws {
        try claim(offer())
        let isWithdrawn = try map.withdraw(offer().id)
        #expect(isWithdrawn)
        #expect(try create("a").isEmpty)
        let isWithdrawnAgain = try map.withdraw(offer().id)
        #expect(!isWithdrawnAgain)
    }

    @Test mutating func anOfferIsOpenAgainWhenWhatItGotIsTakenBack() throws {
        try claim(offer("first"))
        try claim(offer("second"))
        let events = try map.apply(.create(Creation(jobId: id("a"), jobType: "video", fileIds: [])), at: start)
        #expect(map.offerCount == 1)
        for event in events.reversed() { map.undo(event) }
        #expect(map.offerCount == 2)
        try create("b")
        #expect(try job("b").lease.token?.offer == OfferID("first"), "in its old turn")
    }

    @Test mutating func aQueueThatDoesNotExistIsRefused() throws {
        let offer = Offer(id: try #require(OfferID("one")), queues: ["wide", "missing"])
        #expect(throws: JobError.invalid(pointer: "/queues/1", reason: "There is no queue missing.")) {
            try map.apply(.claim(offer), at: start)
        }
        #expect(map.offerCount == 0)
    }

    // MARK: Words

    @Test mutating func aReportRenewsTheLease() throws {
        try create("a")
        try claim(offer(seconds: 30))
        let line = Update.Line(stream: .stderr, text: "frame 1")
        let report = LeaseWord.report(progress: 40, step: .set("encode"), message: .set("Encoding"), lines: [line])
        let events = try map.apply(.say(report, lease("a")), at: start + .seconds(20))
        let job = try job("a")
        #expect((job.progress.percent, job.progress.step, job.progress.message) == (40, "encode", "Encoding"))
        #expect(job.lease.expiresAt == start + .seconds(50))
        let logged = LogLine(
            number: 1, run: 1, at: start + .seconds(20), step: "encode", stream: "stderr", text: "frame 1")
        #expect(events.lines == [logged])
        _ = try map.apply(.renew([lease("a")]), at: start + .seconds(40))
        #expect(try self.job("a").lease.expiresAt == start + .seconds(70))
    }

    @Test mutating func whatEndsARunMayBeSaidAgain() throws {
        for name in ["done", "failed", "again", "back"] { try create(name, type: name == "again" ? "audio" : "video") }
        try claim(offer(count: 4))
        let failure = JobFailure(code: "no", message: "No.")
        let words: [(String, LeaseWord, JobStatus)] = [
            ("done", .complete(result: JSONText(["ok": true])), .completed),
            ("failed", .fail(failure, mayRetry: true, retryAfter: nil), .failed),
            ("again", .fail(failure, mayRetry: true, retryAfter: .seconds(60)), .scheduled),
            ("back", .release, .queued),
        ]
        for (name, word, status) in words {
            let lease = try lease(name)
            #expect(try !map.apply(.say(word, lease), at: start).isEmpty)
            #expect(try job(name).status == status)
            #expect(try map.apply(.say(word, lease), at: start).isEmpty, "\(name), said again")
            for (other, otherWord, _) in words
            where other != name && (name, other) != ("failed", "again")
                && (name, other) != ("again", "failed")
            {
                #expect(throws: JobError.leaseLost(lease.jobId)) { try map.apply(.say(otherWord, lease), at: start) }
            }
        }
        #expect(try job("again").times.runAt == start + .seconds(60))
        #expect(try job("back").runs.releases == 1)
    }

    @Test mutating func aTokenOfAnotherJobOrRunIsLost() throws {
        try create("a")
        try create("b")
        try claim(offer(count: 2))
        let wrong = [
            LeaseProof(jobId: try id("a"), token: try job("b").lease.token), LeaseProof(jobId: try id("a"), token: nil),
        ]
        for claim in wrong {
            #expect(throws: JobError.leaseLost(try id("a"))) { try map.apply(.say(.release, claim), at: start) }
        }
        let old = try lease("a")
        _ = try map.apply(.say(.release, old), at: start)
        try claim(offer("two"))
        #expect(throws: JobError.leaseLost(try id("a"))) { try map.apply(.say(.release, old), at: start) }
        #expect(try map.apply(.renew([old] + wrong), at: start).isEmpty)
        #expect(try job("a").runs.last == 2)
    }

    @Test mutating func aRequestToCancelWinsOverWhatAWorkerSays() throws {
        try create("a")
        try claim(offer())
        _ = try map.apply(.cancel(id("a"), reason: "Enough."), at: start)
        #expect(try job("a").status == .processing)
        _ = try map.apply(.say(.complete(result: JSONText([1])), lease("a")), at: start)
        #expect((try job("a").status, try job("a").outcome.result) == (.cancelled, nil))
    }

    @Test mutating func anArtifactOfTheSameNameIsReplaced() throws {
        try create("a")
        try claim(offer())
        for size in 1...2 {
            let artifact = Artifact(name: .named("a.txt"), mediaType: "text/plain", size: Int64(size), sha256: "ab")
            _ = try map.apply(.say(.artifact(artifact), lease("a")), at: start)
        }
        _ = try map.apply(.say(.complete(result: nil), lease("a")), at: start)
        #expect(try job("a").outcome.artifacts.map(\.size) == [2])
    }

    // MARK: Loss

    @Test mutating func aSilentWorkerLosesItsJob() throws {
        try create("a")
        try claim(offer(seconds: 30))
        let old = try lease("a")
        #expect(map.nextDeadline() == start + .seconds(30))
        #expect(try map.apply(.tick, at: start + .milliseconds(29_999)).isEmpty)
        _ = try map.apply(.tick, at: start + .seconds(30))
        let job = try job("a")
        #expect((job.status, job.runs.crashes, job.lease.runner, job.lease.expiresAt) == (.queued, 1, nil, nil))
        #expect(job.runs.earlier.last?.error?.code == "lost")
        #expect(throws: JobError.leaseLost(try id("a"))) {
            try map.apply(.say(.complete(result: nil), old), at: start)
        }
    }

    @Test mutating func theThirdLossEndsTheJob() throws {
        try create("a")
        for number in 1...3 {
            try claim(offer("o\(number)"))
            _ = try map.apply(.lose(id("a"), run: Int64(number)), at: start)
        }
        #expect(
            (try job("a").status, try job("a").outcome.error?.code, try job("a").runs.crashes) == (.failed, "lost", 3))
    }

    @Test mutating func aLossOfAnEarlierRunComesTooLate() throws {
        try create("a")
        try claim(offer())
        _ = try map.apply(.say(.release, lease("a")), at: start)
        try claim(offer("two"))
        #expect(try map.apply(.lose(id("a"), run: 1), at: start).isEmpty)
    }

    @Test func afterAStartAWorkerWithAConnectionHasTimeToComeBack() throws {
        var jobs: [Job] = []
        for (index, seconds) in [nil, 3600].enumerated() {
            var job = Job.sample(
                jobId: .named("j\(index)"), jobType: "video", status: .processing, queue: "wide", attempt: 1,
                runner: .worker, number: Int64(index) + 1)
            job.lease.seconds = seconds
            job.lease.heardAt = job.times.createdAt
            job.lease.token = LeaseToken("offer-\(index)")
            jobs.append(job)
        }
        let begin = start + .seconds(60)
        var map = JobMap(rules: self.map.rules, start: begin)
        for job in jobs { map.admit(.job(job)) }
        #expect(try map.apply(.recover, at: begin).isEmpty)
        #expect(map.nextDeadline() == begin + .seconds(10))
        let proof = LeaseProof(jobId: jobs[0].jobId, token: jobs[0].lease.token)
        // However the clock was set back while the daemon was away.
        var earlier = JobMap(rules: self.map.rules, start: start + .seconds(-3600))
        earlier.admit(.job(jobs[0]))
        _ = try earlier.apply(.recover, at: start + .seconds(-3600))
        #expect(earlier.nextDeadline() == start + .seconds(-3590))
        var copy = map
        _ = try copy.apply(.tick, at: begin + .seconds(10))
        #expect(copy.record(jobs[0].jobId)?.job?.status == .queued)
        _ = try map.apply(.renew([proof]), at: begin + .seconds(9))
        #expect(map.record(jobs[0].jobId)?.job?.version == jobs[0].version, "nobody sees a difference")
        #expect(map.nextDeadline() == begin + .seconds(3600), "the other has a lease of a time")
    }
}

extension [Event] {
    fileprivate var lines: [LogLine] {
        flatMap { if case .job(let event) = $0 { event.lines } else { [LogLine]() } }
    }

    /// The jobs that got a slot.
    fileprivate var started: [JobID] {
        compactMap { if case .job(let event) = $0, event.kind == .started { event.after.jobId } else { nil } }
    }
}
