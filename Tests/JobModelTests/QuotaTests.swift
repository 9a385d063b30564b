import JSON
import JobModel
import JobTesting
import Testing

/// How much there may be, and that what is counted follows what there is.
struct QuotaTests {
    private let start = Timestamp(milliseconds: 1_000_000)
    private static let rights: Set<Right> = [.create, .read, .write]

    private func map(owner: Quotas.Quota = .init(), total: Quotas.Quota = .init()) -> JobMap {
        JobMap(
            rules: Rules(
                pipelines: [JobMap.defaultJobType: .init()], quotas: Quotas(owner: owner, total: total)))
    }

    private func owner(_ name: String) -> Access {
        var access = Access(rights: Self.rights, reach: .own(name), owner: name)
        access.account = .owner(name)
        return access
    }

    private func nobody(at place: String) -> Access {
        var access = Access(rights: Self.rights, reach: .named)
        access.account = .place(place)
        return access
    }

    private func create(_ id: String) -> Command { .create(Creation(jobId: .named(id))) }

    @Test func anOwnerHasSoManyOpenJobs() throws {
        var map = map(owner: .init(openJobs: 2))
        let (ann, bob) = (owner("ann"), owner("bob"))
        for id in ["a", "b"] { _ = try map.apply(create(id), by: ann, at: start) }
        let full = JobError.quotaExceeded(.openJobs, .owner, limit: 2)
        #expect(throws: full) { try map.apply(create("c"), by: ann, at: start) }
        // One that is there is not one more.
        #expect(try map.apply(create("a"), by: ann, at: start).isEmpty)
        _ = try map.apply(create("c"), by: bob, at: start)
        _ = try map.apply(.cancel(.named("a"), reason: nil), by: ann, at: start)
        _ = try map.apply(create("d"), by: ann, at: start)
        #expect(throws: full) { try map.apply(.retry(.named("a")), by: ann, at: start) }
        #expect(map.use(of: .owner("ann")).openJobs == 2 && map.use(of: nil).openJobs == 3)
    }

    @Test func nobodyIsCountedByWhereHeAsks() throws {
        var map = map(owner: .init(openJobs: 1))
        let (here, there) = (nobody(at: "192.0.2.1"), nobody(at: "192.0.2.2"))
        _ = try map.apply(create("a"), by: here, at: start)
        #expect(throws: JobError.self) { try map.apply(create("b"), by: here, at: start) }
        _ = try map.apply(create("b"), by: there, at: start)
        #expect(map.record(.named("a"))?.job?.asked.account == .place("192.0.2.1"))
    }

    @Test func operatorsCountInTheTotalOnly() throws {
        var map = map(owner: .init(openJobs: 1), total: .init(openJobs: 3))
        for id in ["a", "b"] {
            _ = try map.apply(.create(Creation(jobId: .named(id), owner: "ann")), at: start)
        }
        _ = try map.apply(create("c"), by: owner("ann"), at: start)
        let full = JobError.quotaExceeded(.openJobs, .total, limit: 3)
        #expect(throws: full) { try map.apply(create("d"), at: start) }
        #expect(throws: JobError.quotaExceeded(.openJobs, .owner, limit: 1)) {
            try map.apply(create("d"), by: owner("ann"), at: start)
        }
        #expect(throws: full) { try map.apply(create("d"), by: owner("bob"), at: start) }
    }

    @Test func aBatchFitsWholeOrNotAtAll() throws {
        var map = map(owner: .init(openJobs: 3))
        func batch(_ ids: [String]) throws -> Command {
            .createBatch(
                BatchCreation(
                    batchId: try #require(BatchID(ids.joined())), owner: "ann", metadata: .emptyObject,
                    jobs: ids.map { Creation(jobId: .named($0)) }, then: Creation(jobId: .named("then" + ids.joined())))
            )
        }
        #expect(throws: JobError.quotaExceeded(.openJobs, .owner, limit: 3)) {
            try map.apply(try batch(["a", "b", "c"]), by: owner("ann"), at: start)
        }
        #expect(map.use(of: nil).openJobs == 0)
        _ = try map.apply(try batch(["a", "b"]), by: owner("ann"), at: start)
        #expect(map.use(of: .owner("ann")).openJobs == 3)
    }

    @Test func anOwnerStoresSoManyBytes() throws {
        var map = map(owner: .init(storedBytes: 100))
        let ann = owner("ann")
        _ = try map.apply(.adoptFile(.sample("a", size: 60)), by: ann, at: start)
        #expect(throws: JobError.quotaExceeded(.storedBytes, .owner, limit: 100)) {
            try map.apply(.adoptFile(.sample("b", size: 41)), by: ann, at: start)
        }
        _ = try map.apply(.adoptFile(.sample("b", size: 41)), by: owner("bob"), at: start)
        _ = try map.apply(.adoptFile(.sample("c", size: 1 << 40)), at: start)
        // Again is not once more.
        #expect(try map.apply(.adoptFile(.sample("a", size: 60)), by: ann, at: start).isEmpty)
        let process = Command.process(Creation(jobId: .named("j"), fileIds: [JobFile.sample("a").fileId]))
        _ = try map.apply(process, by: ann, at: start)
        let artifact = Artifact(
            name: .named("t"), mediaType: "text/plain", size: 70, sha256: String(repeating: "a", count: 64))
        _ = try map.apply(.finish(.named("j"), run: 1, RunOutcome(.completed, artifacts: [artifact])), at: start)
        #expect(map.use(of: .owner("ann")).storedBytes == 130, "what a job makes counts, and is not refused")
        #expect(throws: JobError.self) { try map.apply(.adoptFile(.sample("d", size: 1)), by: ann, at: start) }
        _ = try map.apply(.delete(.named("j")), by: ann, at: start)
        #expect(map.use(of: .owner("ann")).storedBytes == 0)
    }

    @Test func whatIsTakenBackIsNotCounted() throws {
        var map = map()
        let ann = owner("ann")
        let events =
            try map.apply(.adoptFile(.sample("a", size: 60)), by: ann, at: start)
            + map.apply(create("j"), by: ann, at: start)
        #expect(map.use(of: .owner("ann")) == (1, 60))
        for event in events.reversed() { map.undo(event) }
        #expect(map.use(of: .owner("ann")) == (0, 0))
        #expect(map.use(of: nil) == (0, 0))
    }

    /// After a start: open jobs are loaded, and bytes are what the store has counted.
    @Test func whatIsLoadedCounts() {
        var map = map()
        map.admit(.job(.sample(status: .queued, account: .owner("ann"))))
        map.admit(.job(.sample(jobId: .named("ended"), status: .completed, account: .owner("ann"))))
        map.load(storedBytes: [.owner("ann"): 5, nil: 7])
        #expect(map.use(of: .owner("ann")) == (1, 5))
        #expect(map.use(of: nil) == (1, 12))
    }

    @Test func accountsAreWrittenAndReadBack() {
        for account in [Account.owner("ann: the first"), .place("2001:db8:0:0::/64"), .place("")] {
            #expect(Account(account.description) == account)
        }
        #expect(Account("") == nil && Account("else:x") == nil)
    }
}
