import JSON
import JobModel
import JobTesting
import Testing

/// Jobs that are made again and again by themselves.
struct ScheduleTests {
    /// That of 2026-11-26, UTC.
    static let noon = Timestamp(milliseconds: 1_795_694_400_000)
    var map = JobMap(rules: Rules(widths: ["default": 5], pipelines: ["report": .init()]), start: noon)

    private func name(_ text: String) throws -> ScheduleName { try #require(ScheduleName(text)) }

    private mutating func put(
        _ cron: String, missed: Schedule.Missed = .once, overlap: Bool = true, zone: String = "UTC"
    ) throws {
        let plan = Schedule.Plan(
            cron: cron, timeZone: zone, jobType: "report", metadata: JSONText(["a": 1]), missed: missed,
            overlap: overlap)
        _ = try map.apply(.putSchedule(try name("s"), plan), at: Self.noon)
    }

    /// The ids of the jobs that a turn makes.
    private mutating func made(at moment: Timestamp) throws -> [String] {
        try map.apply(.tick, at: moment).compactMap { event in
            guard case .job(let event) = event, event.kind == .created else { return nil }
            return event.after.jobId.description
        }
    }

    @Test mutating func aScheduleMakesAJobAtItsMoment() throws {
        try put("30 * * * *")
        let moment = Self.noon + .seconds(1800)
        #expect(map.nextDeadline() == moment)
        #expect(try made(at: moment + .milliseconds(-1)).isEmpty)
        #expect(try made(at: moment) == ["s:20261126T123000Z"])
        #expect(try made(at: moment + .seconds(1)).isEmpty)
        #expect(map.nextDeadline() == moment + .seconds(3600))
        let job = try #require(map.record(.named("s:20261126T123000Z"))?.job)
        #expect(job.asked.terms.schedule == (try name("s")) && job.input.metadata == JSONText(["a": 1]))
        #expect(job.status == .processing)
    }

    @Test(arguments: [(Schedule.Missed.once, 1), (.skip, 1), (.all, 4)])
    mutating func whatWasMissedIsMadeUpForAsTheScheduleSays(missed: Schedule.Missed, count: Int) throws {
        try put("0 * * * *", missed: missed)
        let later = try made(at: Self.noon + .seconds(4 * 3600 + 60))
        #expect(later.count == count && later.last == "s:20261126T160000Z")
    }

    /// The last moment before a start was missed, too.
    @Test(arguments: [(Schedule.Missed.once, 1), (.skip, 0), (.all, 3)])
    func whatWasMissedBeforeAStartIsToo(missed: Schedule.Missed, count: Int) throws {
        let plan = Schedule.Plan(cron: "0 * * * *", jobType: "report", missed: missed)
        let schedule = Schedule(
            name: try name("s"), plan: plan, source: .api, doneUntil: Self.noon + .seconds(-3 * 3600))
        var map = JobMap(
            rules: Rules(widths: ["default": 5], pipelines: ["report": .init()]), start: Self.noon + .seconds(60))
        map.admit(.schedule(schedule))
        let events = try map.apply(.recover, at: Self.noon + .seconds(60))
        let made = events.count { if case .job(let event) = $0 { event.kind == .created } else { false } }
        #expect(made == count)
        #expect(map.nextDeadline() == Self.noon + .seconds(3600))
    }

    @Test mutating func aYearOfMinutesIsAThousandJobsInPieces() throws {
        try put("* * * * *", missed: .all)
        let now = Self.noon + .seconds(366 * 86_400)
        var count = 0
        while map.nextDeadline().map({ $0 <= now }) ?? false {
            let events = try map.apply(.tick, at: now)
            #expect(events.count < 1100)
            count += events.count { if case .job(let event) = $0 { event.kind == .created } else { false } }
        }
        #expect(count == 1000)
    }

    @Test mutating func withoutOverlapAMomentIsLeftOutWhileTheJobBeforeRuns() throws {
        try put("0 * * * *", overlap: false)
        #expect(try made(at: Self.noon + .seconds(3600)).count == 1)
        #expect(try made(at: Self.noon + .seconds(7200)).isEmpty)
        _ = try map.apply(
            .finish(.named("s:20261126T130000Z"), run: 1, RunOutcome(.completed)), at: Self.noon + .seconds(7300))
        #expect(try made(at: Self.noon + .seconds(10_800)) == ["s:20261126T150000Z"])
    }

    @Test mutating func anIdThatIsTakenMakesNoSecondJob() throws {
        try put("0 * * * *")
        map.admit(.job(.sample(jobId: .named("s:20261126T130000Z"), status: .completed)))
        #expect(try made(at: Self.noon + .seconds(3600)).isEmpty)
        #expect(map.nextDeadline() == Self.noon + .seconds(7200))
    }

    @Test mutating func aRunByHandHasAnIdOfItsOwn() throws {
        try put("0 0 1 1 *")
        for _ in 1...2 { _ = try map.apply(.runSchedule(try name("s")), at: Self.noon) }
        #expect(map.activeJobs.count { $0.asked.terms.schedule != nil } == 2)
        #expect(throws: JobError.self) { try map.apply(.create(Creation(jobId: .named("s:mine"))), at: Self.noon) }
        #expect(throws: JobError.self) { try map.apply(.runSchedule(try name("other")), at: Self.noon) }
    }

    @Test mutating func whatIsWrongIsRefused() throws {
        #expect(throws: JobError.self) { try put("0 0 30 2 *") }
        #expect(throws: JobError.self) { try put("@daily", zone: "Nowhere/Else") }
        #expect(map.allSchedules.isEmpty)
    }

    @Test mutating func thoseOfTheConfigurationAreKeptInStepWithIt() throws {
        let plan = Schedule.Plan(cron: "@hourly", jobType: "report")
        _ = try map.apply(.syncSchedules([try name("c"): plan]), at: Self.noon)
        #expect(throws: JobError.self) { try map.apply(.putSchedule(try name("c"), plan), at: Self.noon) }
        #expect(throws: JobError.self) { try map.apply(.deleteSchedule(try name("c")), at: Self.noon) }
        #expect(try map.apply(.syncSchedules([try name("c"): plan]), at: Self.noon).isEmpty)
        try put("@daily")
        _ = try map.apply(.syncSchedules([:]), at: Self.noon)
        #expect(map.allSchedules.map(\.name) == [try name("s")])
    }

    /// Changed or taken out while no daemon ran: what the old line would have made meanwhile is not made.
    @Test(arguments: [nil, "30 * * * *"])
    func whatTheConfigurationSaysNoLongerDoesNotComeTrueAtAStart(cron: String?) throws {
        let old = Schedule.Plan(cron: "0 * * * *", jobType: "report", missed: .all)
        var rules = Rules(widths: ["default": 5], pipelines: ["report": .init()])
        if let cron { rules.schedules = [try name("c"): Schedule.Plan(cron: cron, jobType: "report", missed: .all)] }
        var map = JobMap(rules: rules, start: Self.noon)
        let schedule = Schedule(
            name: try name("c"), plan: old, source: .configuration, doneUntil: Self.noon + .seconds(-3 * 3600))
        map.admit(.schedule(schedule))
        _ = try map.apply(.recover, at: Self.noon)
        #expect(map.activeJobs.map(\.jobId) == [])
        #expect(map.allSchedules.map(\.plan.cron) == [cron].compactMap { $0 })
    }

    @Test mutating func aScheduleThatHasGoneLeavesItsJobsAndItsIds() throws {
        try put("30 * * * *")
        _ = try map.apply(.tick, at: Self.noon + .seconds(1800))
        let made = try #require(map.record(.named("s:20261126T123000Z")))
        _ = try map.apply(.deleteSchedule(try name("s")), at: Self.noon + .seconds(1801))
        #expect(map.nextDeadline() == nil)
        #expect(map.record(made.jobId)?.isActive == true)
        _ = try map.apply(.finish(made.jobId, run: 1, RunOutcome(.completed)), at: Self.noon + .seconds(1802))
        _ = try map.apply(.create(Creation(jobId: .named("s:mine"))), at: Self.noon + .seconds(1803))
        #expect(map.record(made.jobId)?.status?.isFinal == true && map.record(.named("s:mine"))?.isActive == true)
    }

    @Test mutating func undoingAScheduleRestoresItsMoment() throws {
        try put("30 * * * *")
        let before = map.nextDeadline()
        let events = try map.apply(.tick, at: Self.noon + .seconds(1800))
        for event in events.reversed() { map.undo(event) }
        #expect(map.nextDeadline() == before)
        #expect(map.record(.named("s:20261126T123000Z")) == nil)
    }

    @Test mutating func aDrainedServiceMakesNothing() throws {
        try put("30 * * * *")
        _ = try map.apply(.drain, at: Self.noon)
        #expect(map.nextDeadline() == nil)
        #expect(try made(at: Self.noon + .seconds(1800)).isEmpty)
        #expect(throws: JobError.draining) { try map.apply(.create(Creation(jobId: .named("a"))), at: Self.noon) }
        _ = try map.apply(.undrain, at: Self.noon + .seconds(3600))
        #expect(try made(at: Self.noon + .seconds(3600)) == ["s:20261126T123000Z"])
    }
}
