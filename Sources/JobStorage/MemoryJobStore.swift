import JSON
package import JobModel
import Synchronization

/// A store in memory: what the daemon's tests use, and the second implementation that keeps the seam honest.
///
/// It can be told to fail, and to hold a commit so that a test sees what is visible before it is durable.
package final class MemoryJobStore: JobStore {
    /// What the store does instead of a commit.
    package enum Fault: Hashable, Sendable {
        case full, unavailable, unknown, damaged, superseded
        /// Refuses each decision: everything that it touches has been changed by somebody else. With the records as they are.
        case conflict
        /// Refuses each decision for good.
        case rejected
    }

    private let state = Mutex(State())

    /// Holds nothing; what it holds goes with it.
    package init() {}

    /// Fails the commits to come, in this order; nil lets one pass.
    package func fail(next faults: [Fault?]) {
        state.withLock { $0.faults = faults[...] }
    }

    /// Fails one of the reads of records to come, after so many that pass; none with nil.
    package func failRead(after passing: Int?) { state.withLock { $0.readsBeforeFault = passing } }

    /// Holds the commits to come until ``release()``.
    package func hold() { state.withLock { $0.isHeld = true } }

    /// Lets held commits go on.
    package func release() {
        let held = state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for commit in held { commit() }
    }

    /// Has so many pieces of space to be given back.
    package func leaveUnusedSpace(pieces: Int) { state.withLock { $0.unusedPieces = pieces } }

    /// Those that have not been given back.
    package var unusedPieces: Int { state.withLock { $0.unusedPieces } }

    /// Makes lists take until their task is cancelled.
    package func holdLists() { state.withLock { $0.areListsHeld = true } }

    /// Lists that were interrupted so far.
    package var interruptedLists: Int { state.withLock { $0.interruptedLists } }

    /// Commits that were asked for so far, the failed ones included.
    package var commitCount: Int { state.withLock { $0.commitCount } }

    /// Events of the largest commit so far.
    package var largestCommit: Int { state.withLock { $0.largestCommit } }

    package func commit(_ decisions: [[Event]], whenDone done: @escaping @Sendable (CommitOutcome) -> Void) {
        let isHeld = state.withLock { state in
            if state.isHeld { state.held.append { self.perform(decisions, done) } }
            return state.isHeld
        }
        if !isHeld { perform(decisions, done) }
    }

    private func perform(_ decisions: [[Event]], _ done: (CommitOutcome) -> Void) {
        let outcome = state.withLock { state in
            Result { () throws(StoreError) -> [Int: StoreError] in
                state.commitCount += 1
                state.largestCommit = max(state.largestCommit, decisions.reduce(0) { $0 + $1.count })
                switch state.faults.popFirst() ?? nil {
                case nil: return state.records.apply(decisions)
                case .full: throw .full("the test said so")
                case .unavailable: throw .unavailable("the test said so")
                case .unknown: throw .unknown("the test said so")
                case .damaged: throw .damaged("the test said so")
                case .superseded: throw .superseded("the test said so")
                case .conflict:
                    return Self.all(decisions) { .conflict(state.records.present(of: $0)) }
                case .rejected: return Self.all(decisions) { _ in .rejected("the test said so") }
                }
            }
        }
        done(outcome)
    }

    private static func all(_ decisions: [[Event]], _ error: ([Event]) -> StoreError) -> [Int: StoreError] {
        Dictionary(uniqueKeysWithValues: decisions.enumerated().map { ($0, error($1)) })
    }

    package func checkWritable() async throws(StoreError) {
        _ = try await withCheckedContinuation { continuation in
            commit([]) { continuation.resume(returning: $0) }
        }.get()
    }

    package func load() async throws(StoreError) -> Snapshot {
        state.withLock { state in
            var snapshot = state.records.snapshot
            snapshot.clock = state.clock
            return snapshot
        }
    }

    package func record(_ id: JobID) async throws(StoreError) -> JobRecord? { try read { $0.jobs[id] } }

    package func files(_ ids: [FileID]) async throws(StoreError) -> [FileRecord] {
        try read { records in ids.compactMap { records.files[$0] } }
    }

    package func named(_ id: RecordID) async throws(StoreError) -> NamedRecord? { try read { $0.named[id] } }

    package func job(with key: JobKey) async throws(StoreError) -> JobRecord? { try read { $0.job(with: key) } }

    private func read<Found>(_ body: (MemoryRecords) -> Found) throws(StoreError) -> Found {
        let found: Found? = state.withLock { state in
            let fails = state.readsBeforeFault == 0
            state.readsBeforeFault = state.readsBeforeFault.flatMap { $0 == 0 ? nil : $0 - 1 }
            return fails ? nil : body(state.records)
        }
        guard let found else { throw .unavailable("the test said so") }
        return found
    }

    package func batch(_ id: BatchID) async throws(StoreError) -> BatchState? {
        state.withLock { $0.records.batch(id) }
    }

    package func list(_ query: JobQuery) async throws(StoreError) -> JobPage {
        if state.withLock({ $0.areListsHeld }) {
            let (never, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            continuation.finish()
            state.withLock { $0.interruptedLists += 1 }
            throw .unavailable("interrupted")
        }
        let jobs = state.withLock { $0.records.jobs.values.compactMap(\.job) }
        let matching = jobs.filter(query.matches).sorted {
            query.isBefore(JobQuery.Position($0), JobQuery.Position($1))
        }
        var (page, bytes): ([Job], Int) = ([], 0)
        for var job in matching.prefix(query.limit) where page.isEmpty || bytes <= JobQuery.byteLimit {
            job.outcome.result = nil
            job.outcome.artifacts = []
            job.runs.earlier = []
            page.append(job)
            bytes += job.listedByteCount
        }
        return JobPage(jobs: page, next: matching.count > page.count ? page.last.map { .init($0) } : nil)
    }

    package func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]
    {
        state.withLock { state in
            Array(
                (state.records.lines[id] ?? []).filter { $0.number > number && (run ?? $0.run) == $0.run }.prefix(limit)
            )
        }
    }

    package func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID] {
        state.withLock { state in
            let unused = state.records.files.values.filter { $0.uses == 0 && $0.createdAt < moment }
            return unused.prefix(limit).map(\.file.fileId)
        }
    }

    package func expiredJobs(
        _ cutoffs: EndCutoffs, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID] {
        state.withLock { state in
            let expired = state.records.jobs.values.lazy.compactMap(\.job).filter { job in
                job.status.isFinal
                    ? cutoffs.includes(job)
                    : job.status == .pending && !job.input.isWhole && job.times.updatedAt < pendingUnchangedBefore
            }
            return expired.prefix(limit).map(\.jobId)
        }
    }

    package func oldestEndedJobs(limit: Int) async throws(StoreError) -> [EndedJob] {
        state.withLock { $0.records.endedJobs.prefix(limit).compactMap(EndedJob.init) }
    }

    package func removeTombstones(goneBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [JobID] {
        state.withLock { $0.records.removeTombstones(goneBefore: moment, limit: limit) }
    }

    // MARK: Deliveries

    package func dueDeliveries(
        of webhooks: [WebhookName: Int], at now: Timestamp
    ) async throws(StoreError) -> DueDeliveries {
        state.withLock { $0.records.deliveries.due(of: webhooks, at: now) }
    }

    package func changeDelivery(
        _ id: DeliveryID, at now: Timestamp, _ change: @escaping @Sendable (inout Delivery) -> Void
    ) async throws(StoreError) -> Delivery? {
        state.withLock { $0.records.deliveries.change(id, at: now, change) }
    }

    package func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [Delivery] {
        state.withLock { $0.records.deliveries.page(query) }
    }

    package func pendingDeliveries() async throws(StoreError) -> [WebhookName: PendingDeliveries] {
        state.withLock { $0.records.deliveries.pending }
    }

    package func strayDeliveries(
        createdBefore moment: Timestamp, except webhooks: [WebhookName], limit: Int
    ) async throws(StoreError) -> [Delivery] {
        state.withLock { $0.records.deliveries.strays(createdBefore: moment, except: webhooks, limit: limit) }
    }

    package func removeDeliveries(
        endedBefore moment: Timestamp, keeping count: Int, limit: Int
    ) async throws(StoreError) -> Int {
        state.withLock { $0.records.deliveries.remove(endedBefore: moment, keeping: count, limit: limit) }
    }

    // MARK: The rest

    package func keep(_ clock: ClockAnchor) async throws(StoreError) { state.withLock { $0.clock = clock } }

    /// They went with their jobs.
    package func removeLinesOfDeletedJobs(limit: Int) async throws(StoreError) -> Bool { false }

    package func reclaimSpace() async throws(StoreError) -> Bool {
        state.withLock { state in
            state.unusedPieces = max(0, state.unusedPieces - 1)
            return state.unusedPieces > 0
        }
    }

    package var logBytes: Int { 0 }

    package func totals() async throws(StoreError) -> StoreTotals { state.withLock(\.records.totals) }

    package func close() async {}

    private struct State {
        var records = MemoryRecords()
        var faults: ArraySlice<Fault?> = []
        var readsBeforeFault: Int?
        var isHeld = false
        var held: [@Sendable () -> Void] = []
        var commitCount = 0
        var largestCommit = 0
        var clock: ClockAnchor?
        var areListsHeld = false
        var unusedPieces = 0
        var interruptedLists = 0
    }
}

extension JobQuery {
    /// Whether a list has the first one before the second.
    fileprivate func isBefore(_ first: Position, _ second: Position) -> Bool {
        isOldestFirst ? first < second : first > second
    }

    fileprivate func matches(_ job: Job) -> Bool {
        if !statuses.isEmpty, !statuses.contains(job.status) { return false }
        if let queue, job.asked.queue != queue { return false }
        if let jobType, job.asked.jobType != jobType { return false }
        if let owner, job.asked.owner != owner { return false }
        if let after, !isBefore(after, Position(job)) { return false }
        if let createdSince, job.times.createdAt < createdSince { return false }
        if let createdBefore, job.times.createdAt >= createdBefore { return false }
        if let endedBefore, job.times.finishedAt.map({ $0 >= endedBefore }) ?? true { return false }
        guard let text = text.map(SearchText.init) else { return true }
        let said = [job.progress.message, job.outcome.error?.message].compactMap(\.self)
        return text.begins(job.jobId) || said.contains(where: text.isIn)
            || job.input.files.contains { text.isIn($0.name) }
    }
}

extension Job {
    /// What the job takes in a list, roughly.
    package var listedByteCount: Int {
        let names = input.files.reduce(0) { $0 + $1.name.utf8.count + 256 }
        return 512 + input.metadata.byteCount + (progress.message?.utf8.count ?? 0) + names
    }
}

extension JobQuery.Position: Comparable {
    /// Where a job stands in lists.
    package init(_ job: Job) {
        self.init(createdAt: job.times.createdAt, number: job.number)
    }

    /// The one that lists show later is less.
    package static func < (left: Self, right: Self) -> Bool {
        (left.createdAt, left.number) < (right.createdAt, right.number)
    }
}
