import JobModel
import JobStorage
import JobTesting
import Testing

/// Conflicts: what a store refuses, and what it says of it.
extension JobStoreConformance {
    @Test(arguments: StoreMaker.allCases)
    func aJobThatExistsIsNotCreatedAgain(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        try await store.commit([.created(job)])
        let other = Job.sample(message: "other", number: 2)
        await #expect(throws: StoreError.conflict(.init(jobs: [.job(job)]))) {
            try await store.commit([.created(other)])
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func aStaleOrMissingRevisionWritesNothingAtAll(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        try await store.commit([.created(job)])
        var stale = job
        stale.revision = 7
        let bystander = Job.sample(jobId: .named("bystander"), number: 2)
        await #expect(throws: StoreError.self) {
            try await store.commit([
                .created(bystander), .change(stale, stale.next { $0.progress.percent = 5 }, .updated),
            ])
        }
        #expect(try await store.record(bystander.jobId) == nil)
        #expect(try await store.record(job.jobId) == .job(job))
        let missing = Job.sample(jobId: .named("missing"), number: 3)
        await #expect(throws: StoreError.conflict(.init(missing: [.job(missing.jobId)]))) {
            try await store.commit([.change(missing, missing.next { $0.progress.percent = 5 }, .updated)])
        }
    }

    /// Two changes of one record that both replace the same state: one of the two would be lost.
    @Test(arguments: StoreMaker.allCases)
    func aBrokenChainWithinOneCommitIsAConflict(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample()
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = file.file.fileId
        try await store.commit([.created(job), .file(FileEvent(fileId: id, before: nil, after: file))])
        var used = file
        used.uses = 1
        used.revision = 2
        let broken: [[Event]] = [
            [
                .change(job, job.next { $0.progress.percent = 1 }, .updated),
                .change(job, job.next { $0.progress.step = "s" }, .updated),
            ],
            [.change(job, job.next { $0.progress.percent = 1 }, .updated), .created(job)],
            [
                .file(FileEvent(fileId: id, before: file, after: nil)),
                .file(FileEvent(fileId: id, before: file, after: used)),
            ],
            [
                .file(FileEvent(fileId: id, before: file, after: used)),
                .file(FileEvent(fileId: id, before: file, after: used)),
            ],
        ]
        for events in broken {
            let error = await #expect(throws: StoreError.self) { try await store.commit(events) }
            guard case .conflict? = error else { throw error ?? StoreError.damaged("no error") }
        }
        #expect(try await store.record(job.jobId) == .job(job))
        #expect(try await store.files([id]) == [file])
        #expect(try await store.totals().files == 1)
    }

    @Test(arguments: StoreMaker.allCases)
    func aFileThatGoesAndComesInOneCommitIsTheNewOne(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let first = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let id = first.file.fileId
        let other = JobFile(fileId: id, name: "other", size: 5, mediaType: "text/plain", sha256: first.file.sha256)
        let second = FileRecord(
            file: other, createdAt: now + .seconds(1), uses: 0, revision: 1, owner: "ann",
            account: .place("192.0.2.1"))
        try await store.commit([.file(FileEvent(fileId: id, before: nil, after: first))])
        try await store.commit([
            .file(FileEvent(fileId: id, before: first, after: nil)),
            .file(FileEvent(fileId: id, before: nil, after: second)),
        ])
        #expect(try await store.files([id]) == [second])
    }

    /// One of them meets a job that exists, one rests on it; the others do not notice.
    @Test(arguments: StoreMaker.allCases)
    func decisionsAreRefusedOneByOne(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let old = Job.sample(jobId: .named("old"), status: .completed, number: 1)
        try await store.commit([.created(old)])
        let again = Job.sample(jobId: .named("old"), number: 2)
        let other = Job.sample(jobId: .named("other"), number: 3)
        let file = FileRecord(file: .sample("a"), createdAt: now, uses: 0, revision: 1)
        let refused = try await store.commit([
            [.created(other), .queue(name: "q", wasPaused: false, isPaused: true)],
            [.created(again), .file(FileEvent(fileId: file.file.fileId, before: nil, after: file))],
            [.change(again, again.next { $0.progress.percent = 5 }, .updated)],
            [],
            [.change(other, other.next { $0.progress.percent = 7 }, .updated)],
        ])
        #expect(refused.keys.sorted() == [1, 2])
        #expect(refused[1] == .conflict(.init(jobs: [.job(old)], missing: [.file(file.file.fileId)])))
        #expect(refused[2] == .conflict(.init(jobs: [.job(old)])))
        #expect(try await store.record(other.jobId)?.job?.progress.percent == 7)
        #expect(try await store.record(old.jobId) == .job(old))
        #expect(try await store.files([file.file.fileId]).isEmpty)
        #expect(try await store.load().pausedQueues == ["q"])
        let totals = try await store.totals()
        #expect(totals.count(of: .pending) == 1 && totals.count(of: .completed) == 1 && totals.files == 0)
    }

    /// Files and what jobs made, by who is charged for them; a job that goes takes what it made with it.
    @Test(arguments: StoreMaker.allCases)
    func storedBytesAreCountedForEachAccount(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let (ann, place) = (Account.owner("ann"), Account.place("192.0.2.1"))
        let job = Job.sample(status: .processing, owner: "ann", account: ann)
        let file = FileRecord(
            file: .sample("a", size: 10), createdAt: now, uses: 0, revision: 1, account: place)
        let free = FileRecord(file: .sample("b", size: 5), createdAt: now, uses: 0, revision: 1)
        try await store.commit([
            .created(job), .file(FileEvent(fileId: file.file.fileId, before: nil, after: file)),
            .file(FileEvent(fileId: free.file.fileId, before: nil, after: free)),
        ])
        func charged() async throws -> [Account?: Int64] {
            try await store.totals().chargedBytes.filter { $0.value != 0 }
        }
        #expect(try await charged() == [place: 10, nil: 5])
        let artifact = Artifact(
            name: .named("a.txt"), mediaType: "text/plain", size: 7, sha256: String(repeating: "a", count: 64))
        let ended = job.next {
            $0.status = .completed
            $0.outcome.artifacts = [artifact, artifact]
        }
        try await store.commit([.change(job, ended, .finished)])
        #expect(try await charged() == [ann: 14, place: 10, nil: 5])
        #expect(try await store.record(job.jobId)?.job?.asked.account == ann)
        #expect(try await store.files([file.file.fileId]).first?.account == place)
        try await store.commit([
            .job(JobEvent(kind: .deleted, before: .job(ended), after: .gone(ended.tombstone(at: now)))),
            .file(FileEvent(fileId: file.file.fileId, before: file, after: nil)),
        ])
        #expect(try await charged() == [nil: 5])
    }
}
