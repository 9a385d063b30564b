import JobModel
import JobTesting
import Testing

/// Who gets a slot when several wait: priorities, turns, keys.
struct TurnTests {
    let start = Timestamp(milliseconds: 1_000_000)

    private func map(_ sharing: Rules.Sharing, width: Int = 1) -> JobMap {
        JobMap(
            rules: Rules(
                widths: ["default": width], pipelines: [JobMap.defaultJobType: .init()],
                sharing: ["default": sharing]))
    }

    private func create(
        _ name: String, in map: inout JobMap, key: String? = nil, priority: Int = 0, at now: Timestamp? = nil
    ) throws {
        let terms = JobTerms(limitKey: key.map { JobKey($0) })
        _ = try map.apply(
            .create(Creation(jobId: .named(name), priority: priority, fileIds: [], terms: terms)), at: now ?? start)
    }

    /// Ends what runs until nothing does; the names in the order of their starts.
    private func order(_ map: inout JobMap) throws -> [String] {
        var order: [String] = []
        while let job = map.activeJobs.filter({ $0.status == .processing }).min(by: { $0.number < $1.number }) {
            order.append(job.jobId.description)
            _ = try map.apply(.finish(job.jobId, run: try #require(job.runs.last), RunOutcome(.completed)), at: start)
        }
        return order
    }

    /// Beyond the quota a job waits for everybody else's, whatever its priority, and keeps no slot empty.
    @Test(arguments: Rules.Sharing.Fairness.allCases)
    func whoRunsAsMuchAsHeShouldLetsOthersGoFirst(fair: Rules.Sharing.Fairness) throws {
        let rules = Rules(
            widths: ["default": 3], pipelines: [JobMap.defaultJobType: .init()], sharing: ["default": .init(fair: fair)]
        )
        var map = JobMap(rules: rules)
        func create(_ name: String, by owner: String, priority: Int) throws {
            var access = Access(rights: [.create], reach: .own(owner), owner: owner)
            access.account = .owner(owner)
            let creation = Creation(jobId: .named(name), priority: priority, fileIds: [])
            _ = try map.apply(.create(creation), by: access, at: start)
        }
        func finish(_ name: String) throws -> [JobID] {
            let job = try #require(map.record(.named(name))?.job)
            let events = try map.apply(
                .finish(job.jobId, run: try #require(job.runs.last), RunOutcome(.completed)), at: start)
            return events.compactMap { event in
                if case .job(let event) = event, event.kind == .started { event.after.jobId } else { nil }
            }
        }
        for number in 1...7 { try create("a\(number)", by: "ann", priority: 5) }
        #expect(map.activeJobs.count { $0.status == .processing } == 3)
        try create("b1", by: "bob", priority: 0)
        // Also when the quota comes with a reload.
        map.rules.quotas.owner.runningJobs = 2
        #expect(try finish("a1") == [.named("b1")])
        #expect(try finish("a2") == [.named("a4")])
        #expect(try finish("b1") == [.named("a5")])
        try create("b2", by: "bob", priority: 0)
        #expect(try finish("a3") == [.named("b2")])
        map.rules.quotas.owner.runningJobs = 0
        try create("b3", by: "bob", priority: 0)
        #expect(try finish("a4") == [.named("a6")])
    }

    @Test func placesGoRoundAmongKeys() throws {
        var map = map(.init(fair: .key))
        try create("first", in: &map)
        for number in 1...3 { try create("a\(number)", in: &map, key: "a") }
        for number in 1...2 { try create("b\(number)", in: &map, key: "b") }
        try create("c1", in: &map, key: "c")
        #expect(try order(&map) == ["first", "a1", "b1", "c1", "a2", "b2", "a3"])
    }

    @Test func withoutTurnsTheOlderGoesFirst() throws {
        var map = map(.init(fair: .none))
        try create("first", in: &map)
        for number in 1...2 { try create("a\(number)", in: &map, key: "a") }
        try create("b1", in: &map, key: "b")
        #expect(try order(&map) == ["first", "a1", "a2", "b1"])
    }

    @Test func aPriorityGoesBeforeATurn() throws {
        var map = map(.init(fair: .key))
        try create("first", in: &map)
        for number in 1...2 { try create("a\(number)", in: &map, key: "a", priority: 5) }
        try create("b1", in: &map, key: "b")
        #expect(try order(&map) == ["first", "a1", "a2", "b1"])
    }

    @Test func whoCameFirstIsKnownWhateverItsPriority() throws {
        var map = map(.init(fair: .key))
        try create("running", in: &map)
        #expect(map.firstQueuedAt(in: "default") == nil && map.firstQueuedAt(in: "nowhere") == nil)
        try create("low", in: &map, key: "a", priority: -5, at: start + .seconds(1))
        try create("high", in: &map, key: "b", priority: 5, at: start + .seconds(2))
        #expect(map.firstQueuedAt(in: "default") == start + .seconds(1))
        _ = try map.apply(.cancel(.named("low"), reason: nil), at: start + .seconds(3))
        #expect(map.firstQueuedAt(in: "default") == start + .seconds(2))
    }

    @Test func aGroupThatComesLateHasNoTurnsToMakeUpFor() throws {
        var map = map(.init(fair: .key))
        try create("first", in: &map, key: "a")
        for number in 1...6 { try create("a\(number)", in: &map, key: "a") }
        for _ in 1...3 {
            let running = try #require(map.activeJobs.first { $0.status == .processing })
            _ = try map.apply(.finish(running.jobId, run: 1, RunOutcome(.completed)), at: start)
        }
        for number in 1...2 { try create("b\(number)", in: &map, key: "b") }
        #expect(try order(&map) == ["a3", "b1", "a4", "b2", "a5", "a6"])
    }

    @Test func ofOneKeyNotMoreRunThanMay() throws {
        var map = map(.init(fair: .none, perKey: 2), width: 4)
        for number in 1...4 { try create("a\(number)", in: &map, key: "a") }
        try create("free", in: &map)
        #expect(map.queue("default").running == 3)
        #expect(map.record(.named("a3"))?.job?.status == .queued)
        #expect(map.record(.named("free"))?.job?.status == .processing, "the others do not wait behind a busy key")
        _ = try map.apply(.finish(.named("a1"), run: 1, RunOutcome(.completed)), at: start)
        #expect(map.record(.named("a3"))?.job?.status == .processing)
        #expect(map.record(.named("a4"))?.job?.status == .queued)
    }

    @Test func otherRulesHoldAtOnce() throws {
        var map = map(.init(fair: .none, perKey: 1), width: 3)
        for number in 1...3 { try create("a\(number)", in: &map, key: "a") }
        #expect(map.queue("default").running == 1)
        map.rules.sharing["default"] = .init(fair: .none)
        _ = try map.apply(.tick, at: start)
        #expect(map.queue("default").running == 3)
        #expect(map.queue("default").queued == 0)
    }

    @Test func whileNoRoomCanBeMadeOnlyJobsWithoutProgramsStart() throws {
        var map = map(.init(fair: .none), width: 4)
        map.rules.pipelines["plain"] = .init(runsPrograms: false)
        map.isSandboxBroken = true
        try create("walled", in: &map)
        _ = try map.apply(
            .create(Creation(jobId: .named("free"), jobType: "plain", fileIds: [])), at: start)
        func explain() throws -> Explanation {
            map.explanation(of: try #require(map.record(.named("walled"))?.job), at: start)
        }
        #expect(map.record(.named("walled"))?.job?.status == .queued)
        #expect(try explain().because == .sandbox)
        #expect(map.record(.named("free"))?.job?.status == .processing)
        map.isSandboxBroken = false
        #expect(try map.apply(.tick, at: start).count == 1)
        #expect(try explain().because == .running)
    }

    @Test func anExplanationSaysWhatAJobWaitsFor() throws {
        var map = map(.init(fair: .none, perKey: 1), width: 2)
        for number in 1...2 { try create("a\(number)", in: &map, key: "a") }
        try create("b", in: &map)
        try create("c", in: &map)
        try create("urgent", in: &map, priority: 1)
        func explain(_ name: String) throws -> Explanation {
            map.explanation(of: try #require(map.record(.named(name))?.job), at: start)
        }
        #expect(try explain("a1").because == .running)
        #expect(try explain("a2").because == .keyBusy)
        #expect(try explain("a2").by == [.named("a1")])
        #expect(try explain("a2").position == 1)
        #expect(try explain("a2").estimate == nil, "another job decides, not the queue")
        #expect(try explain("c").because == .queueFull)
        #expect(try explain("c").position == 2)
        #expect(try explain("urgent").position == 0)
        #expect(try explain("c").estimate == nil, "no run has ended yet")
        _ = try map.apply(.finish(.named("b"), run: 1, RunOutcome(.completed)), at: start + .seconds(10))
        #expect(try explain("c").estimate == .seconds(10))
        _ = try map.apply(.pause(queue: "default"), at: start)
        #expect(try explain("c").because == .queuePaused)
        _ = try map.apply(.drain, at: start)
        #expect(try explain("c").because == .draining)
    }
}
