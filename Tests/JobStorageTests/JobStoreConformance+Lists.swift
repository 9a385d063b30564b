import JSON
import JobModel
import JobStorage
import JobTesting
import Testing

/// What is loaded at the start, and what lists find.
extension JobStoreConformance {
    @Test(arguments: StoreMaker.allCases)
    func unusedFilesAreFoundByTheirAge(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for (name, age, uses) in [("old", 10, 0), ("older", 20, 0), ("used", 30, 1), ("new", 0, 0)] {
            let record = FileRecord(
                file: .sample(name), createdAt: now + .seconds(-age), uses: uses, revision: 1)
            let event = FileEvent(fileId: record.file.fileId, before: nil, after: record)
            try await store.commit([.file(event)])
        }
        let found = try await store.unusedFiles(createdBefore: now + .seconds(-5), limit: 10)
        #expect(Set(found.map(\.description)) == ["file_old", "file_older"])
        #expect(try await store.unusedFiles(createdBefore: now, limit: 1).count == 1)
        #expect(try await store.totals().files == 4)
    }

    @Test(arguments: StoreMaker.allCases)
    func sizesThatNoSumHoldsStopNothing(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        func added(_ name: String, size: Int64) -> Event {
            let record = FileRecord(file: .sample(name, size: size), createdAt: now, uses: 0, revision: 1)
            return .file(FileEvent(fileId: record.file.fileId, before: nil, after: record))
        }
        try await store.commit([added("one", size: .max), added("two", size: .max)])
        try await store.commit([added("three", size: .max)])
        try await store.commit([added("four", size: 1)])
        let totals = try await store.totals()
        #expect(totals.files == 4 && totals.fileBytes > 1 << 60)
    }

    @Test(arguments: StoreMaker.allCases)
    func expiredJobsAreThoseThatEndedOrNeverGotInput(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        for (index, status) in JobStatus.allCases.enumerated() {
            for age in [10, 20] {
                let job = Job.sample(
                    jobId: .named("\(status.rawValue)-\(age)"), status: status, createdAt: now + .seconds(-age),
                    number: Int64(index * 100 + age))
                try await store.commit([.created(job)])
            }
        }
        var given = Job.sample(jobId: .named("given"), createdAt: now + .seconds(-20), number: 999)
        given.input.isWhole = true
        try await store.commit([.created(given)])
        func expired(ended: Int, pending: Int, limit: Int = 100) async throws -> [String] {
            try await store.expiredJobs(
                endedBefore: now + .seconds(-ended), pendingUnchangedBefore: now + .seconds(-pending), limit: limit
            ).map(\.description).sorted()
        }
        #expect(try await expired(ended: 15, pending: 100) == ["cancelled-20", "completed-20", "failed-20"])
        #expect(try await expired(ended: 100, pending: 15) == ["pending-20"])
        #expect(try await expired(ended: 0, pending: 0).count == 8)
        #expect(try await expired(ended: 0, pending: 0, limit: 3).count == 3)
        #expect(try await expired(ended: 20, pending: 20).isEmpty)
    }

    @Test(arguments: StoreMaker.allCases)
    func theJobsThatEndedFirstAreFoundWithTheirBytes(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        func job(_ number: Int64, endedAt seconds: Int, _ status: JobStatus = .completed) -> Job {
            .sample(
                jobId: .named("j\(number)"), status: status, createdAt: now + .seconds(seconds),
                artifacts: [Artifact(name: .named("a"), mediaType: "text/plain", size: number * 10, sha256: "ab")],
                number: number)
        }
        let jobs = [
            job(1, endedAt: 3), job(2, endedAt: 1, .failed), job(3, endedAt: 0, .processing), job(4, endedAt: 2),
            job(5, endedAt: 1, .cancelled),
        ]
        try await store.commit(jobs.map { .created($0) })
        func oldest(_ limit: Int) async throws -> [Int64] { try await store.oldestEndedJobs(limit: limit).map(\.bytes) }
        #expect(try await oldest(9) == [20, 50, 40, 10])
        #expect(try await oldest(2) == [20, 50])
        #expect(try await store.oldestEndedJobs(limit: 1).map(\.jobId) == [.named("j2")])
        let ended = try await store.totals().ended
        #expect(ended.count == 4 && ended.bytes == 120)
        let again = jobs[0].next {
            $0.status = .queued
            $0.times.finishedAt = nil
        }
        try await store.commit([.change(jobs[0], again, .retried), .deleted(jobs[1])])
        #expect(try await oldest(9) == [50, 40])
        let rest = try await store.totals().ended
        #expect(rest.count == 2 && rest.bytes == 90)
    }

    @Test(arguments: StoreMaker.allCases)
    func activeJobsAreLoadedInTheOrderOfTheirCreation(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var events: [Event] = []
        for (index, status) in JobStatus.allCases.enumerated() {
            let number = Int64(10 - index)
            events.append(.created(.sample(jobId: .named("job-\(number)"), status: status, number: number)))
        }
        let doomed = Job.sample(jobId: .named("doomed"), status: .failed, number: 99)
        try await store.commit(
            events + [
                .created(doomed),
                .job(JobEvent(kind: .deleted, before: .job(doomed), after: .gone(doomed.tombstone(at: now)))),
            ])
        let snapshot = try await store.load()
        #expect(snapshot.jobs.map(\.number) == [6, 7, 8, 9, 10])
        #expect(snapshot.nextNumber == 100)
        let totals = try await store.totals()
        for status in JobStatus.allCases {
            #expect(totals.jobs[.init(queue: "default", status: status)] == 1)
            #expect(totals.count(of: status) == 1)
        }
    }

    @Test(arguments: StoreMaker.allCases)
    func pagesAreNewestFirstAndStandStillWhileJobsAreAdded(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        // Two jobs share each moment, so the order of creation decides between them.
        let jobs = (1...9).map { number in
            Job.sample(
                jobId: .named("job-\(number)"), createdAt: Timestamp(milliseconds: Int64(number / 2)),
                number: Int64(number))
        }
        try await store.commit(jobs.map(Event.created))
        var seen: [Int64] = []
        var query = JobQuery(limit: 2)
        repeat {
            let page = try await store.list(query)
            seen += page.jobs.map(\.number)
            query.after = page.next
            let newer = Int64(100 + seen.count)
            try await store.commit([
                .created(.sample(jobId: .named("new-\(newer)"), createdAt: now, number: newer))
            ])
        } while query.after != nil
        #expect(seen == [9, 8, 7, 6, 5, 4, 3, 2, 1])

        (seen, query) = ([], JobQuery(limit: 2))
        query.isOldestFirst = true
        query.createdSince = Timestamp(milliseconds: 1)
        query.createdBefore = Timestamp(milliseconds: 4)
        repeat {
            let page = try await store.list(query)
            seen += page.jobs.map(\.number)
            query.after = page.next
        } while query.after != nil
        #expect(seen == [2, 3, 4, 5, 6, 7])
    }

    /// Whatever clients put into their jobs, a page is not larger than a reply may be.
    @Test(arguments: StoreMaker.allCases)
    func aPageOfLargeJobsEndsEarly(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let text = JSONValue.string(String(repeating: "x", count: 60_000))
        let jobs = (1...40).map { number in
            Job.sample(
                jobId: .named("job-\(number)"), status: .completed, metadata: ["text": text], result: text,
                number: Int64(number))
        }
        try await store.commit(jobs.map(Event.created))
        var (query, sizes) = (JobQuery(limit: 40), [Int]())
        repeat {
            let page = try await store.list(query)
            #expect(page.jobs.allSatisfy { $0.outcome.result == nil })
            sizes.append(page.jobs.count)
            query.after = page.next
        } while query.after != nil
        #expect(sizes.reduce(0, +) == 40 && sizes.count == 3)
    }

    @Test(arguments: StoreMaker.allCases)
    func listsAreFiltered(maker: StoreMaker) async throws {
        let foreign = JobFile(
            fileId: .named("foreign"), name: "ΣΊΣΥΦΟΣ Договор.pdf", size: 1, mediaType: "application/pdf", sha256: "ab")
        let store = try maker.make(in: directory)
        try await store.commit([
            .created(.sample(jobId: .named("abc-1"), status: .queued, message: "100% of_it", number: 1)),
            .created(
                .sample(
                    jobId: .named("abc-2"), jobType: "import", status: .failed, queue: "wide",
                    error: JobFailure(code: "exit", message: "The Font is \"missing\".", cause: "secret"), number: 2)),
            .created(.sample(jobId: .named("xyz"), status: .completed, files: [.sample("Contract")], number: 3)),
            .created(
                .sample(jobId: .named("m"), message: "Mu\u{308}ller", files: [foreign], number: 4)),
        ])
        func numbers(_ query: JobQuery) async throws -> [Int64] { try await store.list(query).jobs.map(\.number) }
        #expect(try await numbers(JobQuery(statuses: [.queued, .failed])) == [2, 1])
        #expect(try await numbers(JobQuery(queue: "wide")) == [2])
        #expect(try await numbers(JobQuery(jobType: "import")) == [2])
        #expect(try await numbers(JobQuery(text: "ABC")) == [2, 1])
        #expect(try await numbers(JobQuery(text: "bc-1")) == [])
        #expect(try await numbers(JobQuery(text: "font is \"m")) == [2])
        for text in ["exit", "code", "secret"] { #expect(try await numbers(JobQuery(text: text)) == [], "\(text)") }
        #expect(try await numbers(JobQuery(text: "contract.PDF")) == [3])
        #expect(try await numbers(JobQuery(text: "0% of_")) == [1])
        #expect(try await numbers(JobQuery(text: "%")) == [1])
        #expect(try await numbers(JobQuery(text: "o%t")) == [])
        #expect(try await numbers(JobQuery(text: "%\u{301}")) == [])
        for text in ["müller", "MÜLLER", "mu\u{308}l", "σίσυφος", "σίσυφοσ", "ДОГОВОР", "договор"] {
            #expect(try await numbers(JobQuery(text: text)) == [4], "\(text)")
        }
        #expect(try await numbers(JobQuery(text: "muller")) == [])
        #expect(try await numbers(JobQuery(statuses: [.completed], text: "abc")) == [])
    }
}
