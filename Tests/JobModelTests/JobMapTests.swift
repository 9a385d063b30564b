import JSON
import JobModel
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JobMapTests {
    var map = JobMap(
        rules: Rules(
            widths: ["default": 1, "wide": 3],
            pipelines: [
                JobMap.defaultJobType: .init(), "thrice": .init(queue: "wide", maxAttempts: 3),
                "elsewhere": .init(queue: "wide", work: .workers, maxAttempts: 2),
            ]))
    let start = Timestamp(milliseconds: 1_000_000)

    private func id(_ name: String) throws -> JobID { try #require(JobID(name)) }

    private func job(_ name: String) throws -> Job { try #require(map.record(try id(name))?.job) }

    @discardableResult
    private mutating func create(_ name: String, priority: Int? = nil, type: String? = nil) throws -> [Event] {
        try map.apply(
            .create(Creation(jobId: try id(name), jobType: type, priority: priority, fileIds: [])), at: start)
    }

    // MARK: Slots

    @Test mutating func aFreeSlotStartsTheJobInTheSameEvents() throws {
        #expect(try create("a").map(\.kind) == [.created, .started])
        #expect(try job("a").status == .processing)
        #expect(try job("a").runs.attempt == 1)
        #expect(try job("a").lease.runner == .jobd)
        #expect(try job("a").version == 2)
    }

    @Test mutating func aRunHereBeginsWithWhatItsPipelineSays() throws {
        map.rules.pipelines["thrice"]?.opening = Report(progress: 0, step: "scan", message: "Scan")
        for type in ["thrice", "elsewhere"] {
            try create(type, type: type)
            #expect(try job(type).progress == (type == "thrice" ? .init(step: "scan", message: "Scan") : .init()))
        }
        _ = try map.apply(
            .create(Creation(jobId: try id("told"), jobType: "thrice", message: "Told", fileIds: [])), at: start)
        #expect(try job("told").progress == .init(message: "Told"))
    }

    @Test mutating func placesGoToThePriorityThenToTheOlder() throws {
        try create("first")
        try create("old")
        try create("new")
        try create("urgent", priority: 5)
        var order: [String] = []
        var running = "first"
        while running != "" {
            let events = try map.apply(.finish(try id(running), run: 1, RunOutcome(.completed)), at: start)
            running = events.started.first?.description ?? ""
            order.append(running)
        }
        #expect(order == ["urgent", "old", "new", ""])
    }

    @Test mutating func aQueueNeverRunsMoreThanItsWidth() throws {
        for name in ["a", "b", "c", "d", "e"] { try create(name, type: "thrice") }
        #expect(map.queue("wide").running == 3)
        #expect(map.queue("wide").queued == 2)
    }

    @Test mutating func cancellingARunningJobFreesItsPlaceWhenItHasEnded() throws {
        try create("a")
        try create("b")
        #expect(try map.apply(.cancel(try id("a"), reason: nil), at: start).started.isEmpty)
        let events = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.cancelled(nil))), at: start)
        #expect(events.started == [try id("b")])
    }

    @Test mutating func aPausedQueueStartsNothingUntilItIsResumed() throws {
        _ = try map.apply(.pause(queue: "default"), at: start)
        #expect(try create("a").started.isEmpty)
        #expect(try map.apply(.resume(queue: "default"), at: start).started == [try id("a")])
    }

    // MARK: What is not durable yet

    /// The store still has it until the deletion is durable.
    @Test mutating func aFileThatIsBeingDeletedIsNotTakenInAgain() throws {
        let file = FileRecord(file: .sample("a"), createdAt: start, uses: 0, revision: 1)
        map.admit(file)
        let events = try map.apply(.deleteFile(file.file.fileId), at: start)
        map.admit(file)
        #expect(map.file(file.file.fileId) == nil && map.knows(file.file.fileId))
        #expect(throws: JobError.within(pointer: "/fileIds/0", .fileNotFound(file.file.fileId))) {
            try map.apply(.create(Creation(jobId: try id("a"), fileIds: [file.file.fileId])), at: start)
        }
        for event in events.reversed() { map.undo(event) }
        #expect(map.file(file.file.fileId) == file)
    }

    @Test mutating func aFileWhoseComingIsTakenBackIsUnknown() throws {
        let file = JobFile.sample("a")
        let events = try map.apply(.adoptFile(file), at: start)
        #expect(map.knows(file.fileId))
        for event in events.reversed() { map.undo(event) }
        #expect(!map.knows(file.fileId))
    }

    /// Gone and come again: what remains after the coming is taken back is the going.
    @Test mutating func aDeletedFileStaysAbsentWhenItsSecondComingIsTakenBack() throws {
        let file = FileRecord(file: .sample("a"), createdAt: start, uses: 0, revision: 1)
        map.admit(file)
        _ = try map.apply(.deleteFile(file.file.fileId), at: start)
        for event in try map.apply(.adoptFile(file.file), at: start) { map.undo(event) }
        #expect(map.knows(file.file.fileId) && map.file(file.file.fileId) == nil)
    }

    @Test mutating func whatHasChangedIsNotForgottenBeforeItIsDurable() throws {
        let file = FileRecord(file: .sample("a"), createdAt: start, uses: 0, revision: 1)
        map.admit(file)
        var events = try map.apply(.create(Creation(jobId: try id("a"), fileIds: [file.file.fileId])), at: start)
        events += try map.apply(.finish(try id("a"), run: 1, RunOutcome(.completed)), at: start)
        events += try map.apply(.delete(try id("a")), at: start)
        for event in events {
            let isForgotten = map.forget(try id("a"))
            #expect(!isForgotten && map.record(.named("a")) != nil)
            map.settle(event)
        }
        let isForgotten = map.forget(try id("a")) && map.forget(file.file.fileId)
        #expect(isForgotten && map.record(.named("a")) == nil && !map.knows(file.file.fileId))
    }

    // MARK: Rules

    @Test mutating func aRequestToCancelWinsOverACompletion() throws {
        try create("a")
        _ = try map.apply(.cancel(try id("a"), reason: "Withdrawn"), at: start)
        _ = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.completed)), at: start)
        #expect(try job("a").status == .cancelled)
        #expect(try job("a").progress.message == "Withdrawn")
    }

    @Test mutating func aWordOfAnEarlierAttemptIsNotHeard() throws {
        try create("a")
        _ = try map.apply(.release(try id("a"), run: 1), at: start)
        #expect(try job("a").runs.attempt == 2)
        #expect(try map.apply(.finish(try id("a"), run: 1, RunOutcome(.completed)), at: start).isEmpty)
    }

    @Test mutating func progressNeverFallsWithinAnAttempt() throws {
        try create("a")
        _ = try map.apply(.report(try id("a"), run: 1, Report(progress: 40)), at: start)
        #expect(try map.apply(.report(try id("a"), run: 1, Report(progress: 30)), at: start).isEmpty)
        #expect(try job("a").progress.percent == 40)
    }

    @Test mutating func nothingNewMakesNoNewVersion() throws {
        try create("a")
        let version = try job("a").version
        _ = try map.apply(.report(try id("a"), run: 1, Report(lines: [.sample("only a line")])), at: start)
        #expect(try job("a").version == version)
        #expect(try job("a").progress.lineCount == 1)
    }

    @Test mutating func aFailureIsTriedAgainUntilTheAttemptsAreUsedUp() throws {
        try create("a", type: "thrice")
        var waits: [Duration] = []
        for attempt in 1...3 {
            let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
            _ = try map.apply(.finish(try id("a"), run: Int64(attempt), failure), at: start)
            guard let deadline = map.nextDeadline() else { break }
            waits.append(deadline - start)
            _ = try map.apply(.tick, at: deadline)
        }
        #expect(waits.count == 2)
        #expect((3750...6250).contains(waits[0] / .milliseconds(1)))
        #expect((7500...12_500).contains(waits[1] / .milliseconds(1)))
        #expect(try job("a").status == .failed)
        #expect(try job("a").runs.attempt == 3)
    }

    @Test mutating func thePipelineSaysHowLongAFailedJobWaits() throws {
        map.rules.pipelines["thrice"] = .init(
            queue: "wide", maxAttempts: 3, retryDelay: .seconds(100), maximumRetryDelay: .seconds(100))
        try create("a", type: "thrice")
        for attempt in 1...2 {
            let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
            _ = try map.apply(.finish(try id("a"), run: Int64(attempt), failure), at: start)
            let next = map.nextDeadline()
            let deadline = try #require(next)
            #expect((75...125).contains((deadline - start) / .seconds(1)))
            _ = try map.apply(.tick, at: deadline)
        }
    }

    @Test mutating func whatEndedGoesWhenItsTimeHasComeAndNotBefore() throws {
        map.rules.retention = .init(ended: .seconds(100), pending: .seconds(10))
        try create("a")
        _ = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.completed)), at: start)
        #expect(try map.apply(.expire(try id("a")), at: start + .milliseconds(99_999)).isEmpty)
        #expect(try map.apply(.expire(try id("a")), at: start + .seconds(100)).count == 1)
        #expect(map.record(try id("a"))?.job == nil)
        #expect(throws: JobError.self) { try map.apply(.retry(.named("a")), at: start) }
        _ = try map.apply(.create(Creation(jobId: id("b"))), at: start)
        _ = try map.apply(.update(try id("b"), Update(message: .set("soon"))), at: start + .seconds(9))
        #expect(try map.apply(.expire(try id("b")), at: start + .seconds(18)).isEmpty)
        #expect(try map.apply(.expire(try id("b")), at: start + .seconds(19)).count == 1)
    }

    @Test mutating func theThirdCrashEndsTheJob() throws {
        try create("a")
        for crash in 1...3 {
            _ = try map.apply(.recover, at: start)
            #expect(try job("a").runs.crashes == crash)
        }
        #expect(try job("a").status == .failed)
        #expect(try job("a").outcome.error?.code == "lost")
    }

    @Test mutating func aCrashDoesNotUseUpAnAttempt() throws {
        try create("a")
        _ = try map.apply(.recover, at: start)
        #expect(try job("a").status == .processing)
        #expect(try job("a").runs.attempt == 2)
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
        _ = try map.apply(.finish(try id("a"), run: 2, failure), at: start)
        #expect(try job("a").status == .failed)
    }

    @Test mutating func aStopIsNoCrashAndNoAttemptAndEndsNothing() throws {
        try create("a", type: "thrice")
        for run in 1...5 { _ = try map.apply(.release(try id("a"), run: Int64(run)), at: start) }
        for crash in 1...2 {
            _ = try map.apply(.recover, at: start)
            #expect(try job("a").runs.crashes == crash)
        }
        #expect((try job("a").runs.releases, try job("a").runs.attempt, try job("a").status) == (5, 8, .processing))
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
        _ = try map.apply(.finish(try id("a"), run: 8, failure), at: start)
        #expect(try job("a").status == .scheduled)
        let next = map.nextDeadline()
        _ = try map.apply(.tick, at: try #require(next))
        _ = try map.apply(.recover, at: start)
        #expect((try job("a").status, try job("a").outcome.error?.code) == (.failed, "lost"))
    }

    @Test mutating func aRunNumberIsNeverGivenTwice() throws {
        try create("a")
        _ = try map.apply(.release(try id("a"), run: 1), at: start)
        _ = try map.apply(.finish(try id("a"), run: 2, RunOutcome(.cancelled(nil))), at: start)
        _ = try map.apply(.retry(try id("a")), at: start)
        #expect((try job("a").runs.attempt, try job("a").runs.last) == (1, 3))
        let late = RunOutcome(.completed)
        #expect(try map.apply(.finish(try id("a"), run: 1, late), at: start).isEmpty)
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        #expect(try job("own").runs.last == nil)
        _ = try map.apply(.update(try id("own"), Update(status: .processing)), at: start)
        #expect(try job("own").runs.last == 1)
    }

    @Test mutating func aRunThatIsGivenBackWithADelayWaitsForIt() throws {
        try create("a", type: "thrice")
        _ = try map.apply(.release(try id("a"), run: 1, delay: .seconds(5)), at: start)
        #expect(try job("a").status == .scheduled)
        #expect(try job("a").times.runAt == start + .seconds(5))
        #expect(try job("a").runs.countedAttempts == 0)
        _ = try map.apply(.tick, at: start + .seconds(5))
        #expect(try job("a").runs.last == 2)
    }

    @Test mutating func howEarlierRunsWentStaysAlsoAfterARetry() throws {
        map.rules.pipelines["thrice"]?.maxAttempts = 2
        try create("a", type: "thrice")
        func failure(_ code: String) -> RunOutcome {
            RunOutcome(.failed(JobFailure(code: code, message: "No."), mayRetry: true))
        }
        _ = try map.apply(.release(try id("a"), run: 1), at: start + .seconds(1))
        _ = try map.apply(.finish(try id("a"), run: 2, failure("first")), at: start + .seconds(2))
        let next = map.nextDeadline()
        _ = try map.apply(.tick, at: try #require(next))
        _ = try map.apply(.finish(try id("a"), run: 3, failure("second")), at: start + .seconds(30))
        #expect(try job("a").status == .failed)
        #expect(try job("a").runs.earlier.map(\.error?.code) == [nil, "first"])
        map.isStopping = true
        _ = try map.apply(.retry(try id("a")), at: start + .seconds(60))
        let kept = try job("a").runs.earlier
        #expect(kept.map(\.error?.code) == [nil, "first", "second"])
        #expect(kept.map(\.run) == [1, 2, 3])
        #expect(kept.map(\.attempt) == [1, 2, 3])
        #expect(kept.first?.startedAt == start)
        #expect(kept.last?.finishedAt == start + .seconds(30))
        map.isStopping = false
        _ = try map.apply(.tick, at: start + .seconds(60))
        for run in 4...40 { _ = try map.apply(.release(try id("a"), run: Int64(run)), at: start) }
        #expect(try job("a").runs.earlier.map(\.run) == Array(21...40))
    }

    @Test mutating func linesSayWhichRunWroteThemAndGoOnCountingAfterARetry() throws {
        try create("a")
        _ = try map.apply(.report(try id("a"), run: 1, Report(lines: [.sample("one")])), at: start)
        _ = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.cancelled(nil))), at: start)
        _ = try map.apply(.retry(try id("a")), at: start)
        let events = try map.apply(.report(try id("a"), run: 2, Report(lines: [.sample("two")])), at: start)
        #expect(events.lines.map(\.number) == [2])
        #expect(events.lines.map(\.run) == [2])
    }

    @Test(arguments: ["Withdrawn", nil])
    mutating func theReasonOfACancelStaysTheMessageAndWithoutOneThereIsNone(reason: String?) throws {
        try create("a")
        _ = try map.apply(.report(try id("a"), run: 1, Report(message: "Page 2 of 12")), at: start)
        _ = try map.apply(.cancel(try id("a"), reason: reason), at: start)
        let report = Report(progress: 50, step: "tidy", message: "Cleaning up")
        _ = try map.apply(.report(try id("a"), run: 1, report), at: start)
        #expect(
            (try job("a").progress.message, try job("a").progress.step, try job("a").progress.percent) == (
                reason, "tidy", 50
            ))
        _ = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.cancelled(nil))), at: start)
        #expect((try job("a").progress.message, try job("a").status) == (reason, .cancelled))
    }

    @Test mutating func aCancelWithoutAReasonLeavesNoMessageOfAJobThatWaits() throws {
        _ = try map.apply(.create(Creation(jobId: id("a"))), at: start)
        _ = try map.apply(.update(try id("a"), Update(message: .set("Soon"))), at: start)
        _ = try map.apply(.cancel(try id("a"), reason: nil), at: start)
        #expect((try job("a").progress.message, try job("a").status) == (nil, .cancelled))
    }

    @Test mutating func aRetriedJobIsAsNewButItsVersionGoesOn() throws {
        try create("a")
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: false))
        _ = try map.apply(.finish(try id("a"), run: 1, failure), at: start)
        let version = try job("a").version
        map.isStopping = true
        _ = try map.apply(.retry(try id("a")), at: start)
        let job = try job("a")
        #expect(job.version == version + 1)
        #expect((job.status, job.runs.attempt, job.progress.percent) == (.queued, 0, 0))
        #expect(job.outcome.error == nil && job.times.startedAt == nil && job.times.finishedAt == nil)
    }

    @Test mutating func aFileGoesWithItsLastJob() throws {
        let file = JobFile.sample("shared")
        _ = try map.apply(.adoptFile(file), at: start)
        map.isStopping = true
        for name in ["a", "b"] {
            _ = try map.apply(.create(Creation(jobId: try id(name), fileIds: [file.fileId])), at: start)
        }
        #expect(throws: JobError.fileInUse(file.fileId)) { try map.apply(.deleteFile(file.fileId), at: start) }
        for name in ["a", "b"] {
            _ = try map.apply(.cancel(try id(name), reason: nil), at: start)
            _ = try map.apply(.delete(try id(name)), at: start)
        }
        #expect(map.file(file.fileId) == nil)
    }

    // MARK: Queues that the configuration names no more

    @Test mutating func aPausedQueueThatLeftTheConfigurationCanBeResumed() throws {
        _ = try map.apply(.pause(queue: "wide"), at: start)
        try create("a", type: "thrice")
        map.rules.widths["wide"] = nil
        #expect(map.queueNames == ["default", "wide"])
        #expect(map.width(of: "wide") == 1)
        #expect(try map.apply(.resume(queue: "wide"), at: start).started == [try id("a")])
        _ = try map.apply(.finish(try id("a"), run: 1, RunOutcome(.completed)), at: start)
        #expect(map.queueNames == ["default"])
        #expect(throws: JobError.queueNotFound("wide")) { try map.apply(.pause(queue: "wide"), at: start) }
    }

    @Test mutating func aPauseAloneKeepsAQueueThatLeftTheConfiguration() throws {
        _ = try map.apply(.pause(queue: "wide"), at: start)
        map.rules.widths["wide"] = nil
        #expect(map.queueNames == ["default", "wide"])
        _ = try map.apply(.resume(queue: "wide"), at: start)
        #expect(map.queueNames == ["default"])
    }

    // MARK: Many at once

    /// A hundred thousand for midnight: each decision does its part, and what is left is due at once.
    @Test mutating func whatIsDueTogetherIsDecidedInPieces() throws {
        map.rules.widths["default"] = 3000
        for number in 1...10_000 {
            var job = Job.sample(
                jobId: .named("j\(number)"), status: .scheduled, runAt: start, number: Int64(number))
            job.input.isWhole = true
            map.admit(.job(job))
        }
        var (sizes, deadline) = ([Int](), map.nextDeadline())
        while let moment = deadline, moment <= start {
            let events = try map.apply(.tick, at: start)
            sizes.append(events.count)
            deadline = map.nextDeadline()
        }
        #expect(sizes.allSatisfy { $0 <= Limits.dueEvents })
        #expect(sizes.reduce(0, +) == 13_000)
        #expect(map.queue("default").running == 3000)
        #expect(map.queue("default").queued == 7000)
    }

    @Test func whatFewJobsHaveTakesNoRoomInTheOthers() {
        #expect(MemoryLayout<Job>.size <= 512)
        #expect(MemoryLayout<Creation>.size <= 256)
    }

    @Test mutating func aMillionIdsMoveInShards() {
        var records = JobRecords()
        for number in 1...64_000 { records[.named("job-\(number)")] = .job(.sample(number: Int64(number))) }
        #expect(records.largestShard < 1500)
        #expect(records[.named("job-777")]?.job?.number == 777)
    }

    // MARK: Versions

    @Test mutating func aCommandForAnotherVersionChangesNothing() throws {
        try create("a")
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        let own = try job("own")
        let error = JobError.versionConflict(own, expected: 9)
        for command in [
            Command.update(own.jobId, Update(status: .processing), ifVersion: 9),
            .cancel(own.jobId, reason: nil, ifVersion: 9), .retry(own.jobId, ifVersion: 9),
            .delete(own.jobId, ifVersion: 9),
        ] {
            #expect(throws: error) { try map.apply(command, at: start) }
        }
        #expect(try job("own") == own)
        #expect(try map.apply(.update(own.jobId, Update(status: .processing), ifVersion: 1), at: start).count == 1)
        #expect(throws: JobError.self) {
            try map.apply(.update(own.jobId, Update(status: .processing), ifVersion: 1), at: start)
        }
    }

    // MARK: Moments and spans

    @Test mutating func aJobWithoutInputWaitsForItsMomentToo() throws {
        let later = start + .seconds(60)
        _ = try map.apply(.create(Creation(jobId: try id("own"), start: .at(later))), at: start)
        #expect(try job("own").status == .scheduled)
        #expect(map.nextDeadline() == later)
        let events = try map.apply(.tick, at: later)
        #expect(events.count == 1)
        #expect((try job("own").status, try job("own").times.runAt, try job("own").version) == (.pending, nil, 2))
        _ = try map.apply(.process(Creation(jobId: try id("b"), start: .at(later), fileIds: [])), at: start)
        _ = try map.apply(.create(Creation(jobId: try id("c"), start: .at(later))), at: start)
        _ = try map.apply(.process(Creation(jobId: try id("c"), fileIds: [])), at: start)
        #expect((try job("c").status, try job("c").times.runAt) == (.scheduled, later))
        #expect(throws: JobError.self) {
            try map.apply(.create(Creation(jobId: .named("d"), start: .at(.latest))), at: start)
        }
    }

    @Test mutating func aWaitingJobCanBePutOffOrHurried() throws {
        map.isStopping = true
        try create("a")
        try create("b")
        let later = start + .seconds(60)
        _ = try map.apply(.update(try id("a"), Update(runAt: .set(later))), at: start)
        #expect((try job("a").status, map.queue("default").queued) == (.scheduled, 1))
        _ = try map.apply(.update(try id("a"), Update(runAt: .set(nil))), at: start)
        #expect(try job("a").status == .queued)
        _ = try map.apply(.update(try id("b"), Update(priority: 5)), at: start)
        map.isStopping = false
        #expect(try map.apply(.tick, at: start).started == [try id("b")])
    }

    @Test mutating func aSilentApplicationLosesItsJob() throws {
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        let begin = Update(status: .processing, progress: 40, leaseSeconds: 30)
        _ = try map.apply(.update(try id("own"), begin), at: start)
        #expect(try job("own").lease.expiresAt == start + .seconds(30))
        // A report without news is one.
        _ = try map.apply(.update(try id("own"), Update(progress: 10)), at: start + .seconds(20))
        #expect((try job("own").progress.percent, try job("own").lease.expiresAt) == (40, start + .seconds(50)))
        #expect(map.nextDeadline() == start + .seconds(50))
        #expect(try map.apply(.tick, at: start + .milliseconds(49_999)).isEmpty)
        _ = try map.apply(.tick, at: start + .seconds(50))
        #expect((try job("own").status, try job("own").outcome.error?.code) == (.failed, "silent"))
        #expect(try job("own").lease.expiresAt == nil)
        #expect(throws: JobError.self) { try map.apply(.update(.named("own"), Update(progress: 50)), at: start) }
    }

    @Test mutating func anApplicationWithoutALeaseMayBeSilentForAsLongAsTheRulesSay() throws {
        let week = Duration.seconds(7 * 86_400)
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        _ = try map.apply(.update(try id("own"), Update(status: .processing)), at: start)
        let version = try job("own").version
        #expect(try map.apply(.update(try id("own"), Update(status: .processing)), at: start + .seconds(9)).isEmpty)
        let heard = try map.apply(.update(try id("own"), Update(status: .processing)), at: start + .seconds(86_400))
        #expect((heard.count, try job("own").version) == (1, version), "it was heard, and nobody sees a difference")
        #expect(try map.apply(.tick, at: start + week).isEmpty)
        _ = try map.apply(.tick, at: start + .seconds(86_400) + week)
        #expect(try job("own").outcome.error?.code == "silent")
    }

    @Test mutating func aReportMayAddLines() throws {
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        let begin = Update(status: .processing, step: .set("load"), lines: [.init(stream: .stderr, text: "one")])
        let events = try map.apply(.update(try id("own"), begin), at: start)
        #expect(
            events.lines == [LogLine(number: 1, run: 1, at: start, step: "load", stream: "stderr", text: "one")])
    }

    /// Whatever the time of day is set to: who has reported has his time, and a retry waits as long as it was to.
    @Test(arguments: [86_400, -86_400])
    mutating func spansGoOnWhenTheClockIsSet(seconds: Int) throws {
        let change = Duration.seconds(seconds)
        _ = try map.apply(.create(Creation(jobId: try id("own"))), at: start)
        _ = try map.apply(.update(try id("own"), Update(status: .processing, leaseSeconds: 30)), at: start)
        try create("again", type: "thrice")
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
        _ = try map.apply(.finish(try id("again"), run: 1, failure), at: start)
        let again = try #require(try job("again").times.runAt) - start
        let set = start + change
        map.clockWasSet(by: change, at: set)
        #expect(try map.apply(.tick, at: set + .seconds(2)).isEmpty)
        #expect(try map.apply(.tick, at: set + again).started == [try id("again")])
        #expect(map.nextDeadline() == set + .seconds(30))
        _ = try map.apply(.update(try id("own"), Update(progress: 1)), at: set + .seconds(29))
        #expect(map.nextDeadline() == set + .seconds(59))
        _ = try map.apply(.tick, at: set + .seconds(59))
        #expect(try job("own").outcome.error?.code == "silent")
    }

    /// A word of an application that comes late is not taken for one of the next run.
    @Test mutating func aReportOfARunCountsForNoOther() throws {
        _ = try map.apply(.create(Creation(jobId: try id("a"))), at: start)
        func conflicts(_ update: Update) throws -> Bool {
            var map = map
            do {
                _ = try map.apply(.update(try id("a"), update), at: start)
                return false
            } catch JobError.jobConflict { return true }
        }
        #expect(try conflicts(Update(status: .processing, run: 1)))
        _ = try map.apply(.update(try id("a"), Update(status: .processing)), at: start)
        _ = try map.apply(.update(try id("a"), Update(progress: 1, run: 1)), at: start)
        _ = try map.apply(.update(try id("a"), Update(status: .failed, run: 1)), at: start)
        _ = try map.apply(.retry(try id("a")), at: start)
        let late = Update(status: .completed, run: 1)
        #expect(try conflicts(late))
        _ = try map.apply(.update(try id("a"), Update(status: .processing)), at: start)
        #expect(try conflicts(late))
        #expect(try job("a").status == .processing)
        _ = try map.apply(.update(try id("a"), Update(status: .completed, run: 2)), at: start)
        #expect(try job("a").status == .completed)
    }

    /// An operator's `runAt` is a moment of the clock, for every attempt; as it was stored, too.
    @Test(arguments: [86_400, -86_400])
    mutating func aMomentThatIsNamedBetweenAttemptsFollowsTheClock(seconds: Int) throws {
        try create("a", type: "thrice")
        let failure = RunOutcome(.failed(JobFailure(.exit, message: "No."), mayRetry: true))
        _ = try map.apply(.finish(try id("a"), run: 1, failure), at: start)
        let moment = start + .seconds(200_000)
        _ = try map.apply(.update(try id("a"), Update(runAt: .set(moment))), at: start)
        let terms = try job("a").asked.terms
        #expect(JobTerms(json: terms.json) == terms)
        map.clockWasSet(by: .seconds(seconds), at: start + .seconds(seconds))
        #expect(map.nextDeadline() == moment)
        #expect(try map.apply(.tick, at: moment).started == [try id("a")])
        // The next wait is a span again.
        _ = try map.apply(.finish(try id("a"), run: 2, failure), at: moment)
        let again = try #require(try job("a").times.runAt)
        map.clockWasSet(by: .seconds(10), at: moment + .seconds(10))
        #expect(map.nextDeadline() == again + .seconds(10))
    }

    /// Nobody could report while the daemon was away.
    @Test func afterAStartAnApplicationHasItsWholeTime() throws {
        var job = Job.sample(status: .processing, attempt: 1, runner: .application)
        job.lease.seconds = 30
        job.lease.heardAt = job.times.createdAt
        let begin = job.times.createdAt + .seconds(3600)
        var map = JobMap(rules: Rules(), start: begin)
        map.admit(.job(job))
        #expect(map.nextDeadline() == begin + .seconds(30))
        #expect(try map.apply(.recover, at: begin).isEmpty)
    }

    // MARK: Undo

    /// A day of random commands, each undone: the map is as before, slots and timers included.
    @Test(arguments: 0..<20)
    mutating func undoingIsExact(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var now = start
        for _ in 0..<300 {
            now = now + .seconds(Int.random(in: 0...10, using: &generator))
            let command = LifeCommand.random(using: &generator)
            let before = map
            guard let events = try? map.apply(command, at: now) else {
                #expect(map.state == before.state)
                continue
            }
            for event in events.reversed() { map.undo(event) }
            if case .claim(let offer) = command, map.offerCount > before.offerCount {
                let isOpen = map.withdraw(offer.id)
                #expect(isOpen, "an offer stays, whatever it has got")
            }
            #expect(map.state == before.state)
            let again = try map.apply(command, at: now)
            for event in again where Bool.random(using: &generator) { map.settle(event) }
        }
    }
}

extension Event {
    fileprivate var kind: JobEvent.Kind? { if case .job(let event) = self { event.kind } else { nil } }
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

extension JobMap {
    /// Everything that can be asked of a map.
    fileprivate var state: [String] {
        var copy = self
        let jobs = activeJobs.map { "\($0)" }.sorted()
        let queues = rules.widths.keys.sorted().map { "\($0) \(queue($0))" }
        return jobs + queues + ["\(copy.nextDeadline() as Timestamp?)", "\(offerCount) offers"]
    }
}

extension LifeCommand {
    /// A command about one of a few jobs.
    fileprivate static func random(using generator: inout SeededGenerator) -> Command {
        guard let id = JobID("job-\(Int.random(in: 0..<6, using: &generator))") else { return .tick }
        let number = Int.random(in: 1...3, using: &generator)
        let run = Int64.random(in: 1...6, using: &generator)
        let failure = JobFailure(.exit, message: "No.")
        let offer = OfferID("offer\(number)")
        let lease = LeaseProof(
            jobId: id, token: offer.map { LeaseToken(offer: $0, number: Int64.random(in: 1...60, using: &generator)) })
        let commands: [Command] = [
            .create(Creation(jobId: id, start: .after(.seconds(5)), fileIds: [])),
            .create(Creation(jobId: id, jobType: "thrice", priority: number, fileIds: [])),
            .create(Creation(jobId: id)), .create(Creation(jobId: id, start: .after(.seconds(3)))),
            .update(id, Update(status: .processing, leaseSeconds: 5)), .update(id, Update(runAt: .set(nil))),
            .update(id, Update(priority: number, runAt: .set(Timestamp(milliseconds: 1_200_000)))),
            .process(Creation(jobId: id, fileIds: [])), .update(id, Update(status: .processing, progress: 10)),
            .update(id, Update(metadata: ["n": JSONValue(number)])), .cancel(id, reason: nil), .retry(id), .delete(id),
            .report(id, run: run, Report(progress: 50)), .finish(id, run: run, RunOutcome(.completed)),
            .finish(id, run: run, RunOutcome(.failed(failure, mayRetry: true))), .release(id, run: run),
            .pause(queue: "default"), .resume(queue: "default"), .tick, .recover,
            .create(Creation(jobId: id, jobType: "elsewhere", fileIds: [])), .lose(id, run: run), .renew([lease]),
            .say(.release, lease), .say(.complete(result: nil), lease),
            .say(.fail(failure, mayRetry: true, retryAfter: nil), lease),
        ]
        if let offer, Int.random(in: 0..<8, using: &generator) == 0 {
            return .claim(Offer(id: offer, queues: ["wide"], count: number, leaseSeconds: number == 1 ? 5 : nil))
        }
        return commands.randomElement(using: &generator) ?? .tick
    }
}
