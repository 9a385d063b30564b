import JSON
import JobModel
import JobTesting
import Testing

/// What there is for whom.
struct AccessTests {
    private static let guessable = JobID.named("contract-7")
    private static let made = JobID.named("job_1759933184539_s5ximw5k2q8zv1m0")
    private static let own: Set<Right> = [.create, .read, .write]
    private let start = Timestamp(milliseconds: 1_000_000)

    @Test(arguments: [
        ("job_1759933184539_s5ximw5k2q8zv1m0", true), ("job_1759933184539_s5ximw5", true),
        ("job_1759933184539_s5ximw", false), ("job_1759933184539_S5XIMW5", false), ("job__s5ximw5k", false),
        ("job_x_s5ximw5k", false), ("job_1_s5ximw5k_a", false), ("jobs_1_s5ximw5k", false), ("contract-7", false),
        ("0f8fad5b-d9cb-469f-a165-70867728950e", true), ("0F8FAD5B-D9CB-469F-A165-70867728950E", true),
        ("0f8fad5b-d9cb-469f-a165-70867728950", false), ("0f8fad5b-d9cb-469f-a165-70867728950g", false),
        ("0f8fad5bd9cb469fa16570867728950e", false),
    ])
    func whatIsMadeByChanceCannotBeGuessed(text: String, isUnguessable: Bool) {
        #expect(JobID.named(text).isUnguessable == isUnguessable)
    }

    @Test(
        arguments: [
            (Access.Reach.all, [true, true, true, true, true, true]),
            (.named, [true, true, true, true, true, true]),
            (.own("ann"), [false, true, true, true, false, false]),
            (.unguessable, [false, true, false, false, false, false]),
            (.job(guessable), [true, false, true, false, true, false]),
        ] as [(Access.Reach, [Bool])])
    func everybodySeesWhatIsHis(reach: Access.Reach, seen: [Bool]) {
        let access = Access(rights: Self.own, reach: reach)
        let found = [nil, "ann", "bob"].flatMap { owner in
            [Self.guessable, Self.made].map { access.sees($0, of: owner) }
        }
        #expect(found == seen)
    }

    @Test func aJobBelongsToItsMakerForEver() throws {
        var map = JobMap(rules: Rules(pipelines: [JobMap.defaultJobType: .init()]))
        let ann = Access(rights: Self.own, reach: .own("ann"), owner: "ann")
        let bob = Access(rights: Self.own, reach: .own("bob"), owner: "bob")
        let id = Self.guessable
        _ = try map.apply(.create(Creation(jobId: id)), by: ann, at: start)
        #expect(map.record(id)?.owner == "ann")
        for command in [
            Command.cancel(id, reason: nil), .retry(id), .delete(id), .update(id, Update(message: .set("x"))),
            .cancel(id, reason: nil, ifVersion: 9),
        ] {
            #expect(throws: JobError.jobNotFound(id)) { try map.apply(command, by: bob, at: start) }
        }
        let making = [Command.create(Creation(jobId: id)), .process(Creation(jobId: id, fileIds: []))]
        for command in making {
            #expect(throws: JobError.jobTaken(id)) { try map.apply(command, by: bob, at: start) }
        }
        #expect(try map.apply(.create(Creation(jobId: id)), by: ann, at: start).isEmpty)
        _ = try map.apply(.cancel(id, reason: nil), by: ann, at: start)
        _ = try map.apply(.delete(id), by: ann, at: start)
        guard case .gone(let tombstone)? = map.record(id) else { throw StringError("no tombstone") }
        #expect(tombstone.owner == "ann")
        for command in making {
            #expect(throws: JobError.jobTaken(id)) { try map.apply(command, by: bob, at: start) }
            #expect(throws: JobError.jobGone(tombstone)) { try map.apply(command, by: ann, at: start) }
        }
        #expect(throws: JobError.jobNotFound(id)) { try map.apply(.delete(id), by: bob, at: start) }
    }

    @Test func aFileIsUsedByItsOwnerAlone() throws {
        var map = JobMap(rules: Rules(pipelines: [JobMap.defaultJobType: .init()]))
        let ann = Access(rights: Self.own, reach: .own("ann"), owner: "ann")
        let bob = Access(rights: Self.own, reach: .own("bob"), owner: "bob")
        let file = JobFile.sample("a")
        _ = try map.apply(.adoptFile(file), by: ann, at: start)
        let make = Command.process(Creation(jobId: Self.made, fileIds: [file.fileId]))
        #expect(throws: JobError.fileNotFound(file.fileId)) {
            try map.apply(.deleteFile(file.fileId), by: bob, at: start)
        }
        #expect(throws: JobError.within(pointer: "/fileIds/0", .fileNotFound(file.fileId))) {
            try map.apply(make, by: bob, at: start)
        }
        #expect(try map.apply(make, by: ann, at: start).count >= 2)
    }

    /// Whoever knows the id of nobody's job has it: so nothing tells it to others.
    @Test func whatHoldsAJobUpIsNamedToThoseWhoSeeIt() throws {
        var map = JobMap(
            rules: Rules(widths: ["default": 1], pipelines: [JobMap.defaultJobType: .init()]))
        let running = JobID.named("job_1759933184539_s5ximw5k2q8zv1m1")
        let nobody = Access(rights: Self.own, reach: .unguessable)
        let ann = Access(rights: Self.own, reach: .own("ann"), owner: "ann")
        _ = try map.apply(.create(Creation(jobId: running, fileIds: [])), by: ann, at: start)
        _ = try map.apply(.create(Creation(jobId: Self.made, fileIds: [])), by: nobody, at: start)
        let waits = try #require(map.record(Self.made)?.job)
        #expect(map.explanation(of: waits, at: start).by == [running])
        #expect(map.explanation(of: waits, for: ann, at: start).by == [running])
        let shown = map.explanation(of: waits, for: nobody, at: start)
        #expect(shown.because == .queueFull && shown.by == [] && shown.position == 0)
        let after = JobTerms(after: [running])
        let next = JobID.named("job_1759933184539_s5ximw5k2q8zv1m2")
        _ = try map.apply(.create(Creation(jobId: next, fileIds: [], terms: after)), at: start)
        let blocked = try #require(map.record(next)?.job)
        #expect(map.explanation(of: blocked, at: start).text.contains(running.description))
        let told = map.explanation(of: blocked, for: nobody, at: start)
        #expect(told.by == [] && !told.text.contains(running.description))
    }

    @Test func aKeyOfAnothersJobShowsNothingOfIt() throws {
        var map = JobMap(rules: Rules(pipelines: [JobMap.defaultJobType: .init()]))
        let terms = JobTerms(dedupeKey: JobKey("contract"))
        _ = try map.apply(.create(Creation(jobId: .named("first"), terms: terms)), at: start)
        let holder = Access(rights: Self.own, reach: .job(Self.guessable))
        let second = Creation(jobId: Self.guessable, terms: terms)
        #expect(throws: JobError.keyTaken) { try map.apply(.create(second), by: holder, at: start) }
        #expect(try map.apply(.create(second), at: start).isEmpty)
    }

    @Test func anOperatorMakesJobsForOthers() throws {
        let creation = Creation(jobId: Self.guessable, owner: "ann")
        var map = JobMap(rules: Rules())
        _ = try map.apply(.create(creation), at: start)
        #expect(map.record(Self.guessable)?.owner == "ann")
        try Access.everything.check(.create(creation), at: start)
        for reach in [Access.Reach.own("ann"), .named, .unguessable, .job(Self.guessable)] {
            let access = Access(rights: Self.own, reach: reach, owner: "ann")
            #expect(throws: JobError.self) { try access.check(.create(creation), at: start) }
        }
    }

    @Test func nobodyMakesWhatOthersCouldGuessAndDecidesNothingForOthers() {
        let nobody = Access(rights: Self.own, reach: .unguessable)
        let limit = Duration.seconds(86_400)
        for (creation, isAllowed) in [
            (Creation(jobId: Self.made), true), (Creation(jobId: Self.guessable), false),
            (Creation(jobId: Self.made, queue: "default"), false), (Creation(jobId: Self.made, priority: 0), false),
            (Creation(jobId: Self.made, maxAttempts: 1), false),
            (Creation(jobId: Self.made, start: .at(start + limit)), true),
            (Creation(jobId: Self.made, start: .at(start + limit + .milliseconds(1))), false),
            (Creation(jobId: Self.made, start: .after(limit)), true),
            (Creation(jobId: Self.made, start: .after(limit + .milliseconds(1))), false),
        ] {
            for command in [Command.create(creation), .process(creation)] {
                let outcome = Result { try nobody.check(command, at: start) }
                #expect(((try? outcome.get()) != nil) == isAllowed, "\(creation)")
            }
        }
    }

    @Test(arguments: Rules.Creators.allCases)
    func aPipelineSaysWhoMayMakeItsJobs(creators: Rules.Creators) throws {
        let rules = Rules(pipelines: ["p": .init(createdBy: creators)])
        for (access, allowed) in [
            (Access(rights: Self.own, reach: .unguessable), [Rules.Creators.anybody]),
            (Access(rights: Self.own, reach: .own("ann"), owner: "ann"), [.anybody, .owners]),
            (Access.everything, [.anybody, .owners, .operators]),
        ] {
            var map = JobMap(rules: rules)
            let outcome = Result {
                try map.apply(.create(Creation(jobId: Self.made, jobType: "p")), by: access, at: start)
            }
            #expect(((try? outcome.get()) != nil) == allowed.contains(creators))
        }
    }

    private struct StringError: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }
}
