import JobModel
import JobStorage
import JobTesting
import Testing

/// The lines of logs.
extension JobStoreConformance {
    @Test(arguments: StoreMaker.allCases)
    func linesAreReadInPagesAndStayAfterARetry(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        let job = Job.sample(status: .failed)
        let texts = ["plain", "nul \0 inside", "\u{1B}[31mred", "", "é"]
        let lines = texts.enumerated().map { LogLine.sample($1).numbered(Int64($0 + 1)) }
        try await store.commit([.job(JobEvent(kind: .created, before: nil, after: .job(job), lines: lines))])
        #expect(try await store.lines(of: job.jobId, run: nil, after: 0, limit: 10) == lines)
        #expect(try await store.lines(of: job.jobId, run: nil, after: 2, limit: 2) == Array(lines[2...3]))
        let retried = job.next { $0.status = .queued }
        let fresh = [LogLine.sample("fresh").numbered(6, run: 2)]
        try await store.commit([
            .change(job, retried, .retried),
            .job(JobEvent(kind: .updated, before: .job(retried), after: .job(retried.next { _ in }), lines: fresh)),
        ])
        #expect(try await store.lines(of: job.jobId, run: nil, after: 0, limit: 10) == lines + fresh)
        #expect(try await store.lines(of: job.jobId, run: 2, after: 0, limit: 10) == fresh)
        #expect(try await store.lines(of: job.jobId, run: 1, after: 3, limit: 1) == [lines[3]])
        #expect(try await store.lines(of: job.jobId, run: 3, after: 0, limit: 10) == [])
    }

    /// The present run's, and those of the twenty before it.
    @Test(arguments: StoreMaker.allCases)
    func linesOfRunsLongAgoGoWithAStart(maker: StoreMaker) async throws {
        let store = try maker.make(in: directory)
        var job = Job.sample(status: .queued)
        try await store.commit([.created(job)])
        for run in 1...23 {
            let started = job.next { $0.runs.last = Int64(run) }
            let said = started.next { _ in }
            let line = LogLine.sample("of run \(run)").numbered(Int64(run), run: Int64(run))
            try await store.commit([
                .change(job, started, .started),
                .job(JobEvent(kind: .updated, before: .job(started), after: .job(said), lines: [line])),
            ])
            job = said
        }
        let runs = try await store.lines(of: job.jobId, run: nil, after: 0, limit: 100).map(\.run)
        #expect(runs == Array(3...23))
    }
}
