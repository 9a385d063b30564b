package import JobModel
package import JobStorage
import Synchronization

/// A store in memory: what the daemon's tests use, and the second implementation that keeps the seam honest.
///
/// It can be told to fail, and to hold a commit so that a test sees what is visible before it is durable.
package final class MemoryJobStore: JobStore {
    private let state = Mutex(State())

    /// Holds nothing; what it holds goes with it.
    package init() {}

    /// Fails the commits to come, in this order; nil lets one pass.
    package func fail(next faults: [StoreFault?]) {
        state.withLock { $0.orders.faults = faults[...] }
    }

    /// Fails one of the reads of records to come, after so many that pass; none with nil.
    package func failRead(after passing: Int?) { state.withLock { $0.orders.readsBeforeFault = passing } }

    /// Holds the commits to come until ``release()``.
    package func hold() { state.withLock { $0.orders.areCommitsHeld = true } }

    /// Lets held commits go on.
    package func release() {
        let held = state.withLock { state in
            state.orders.areCommitsHeld = false
            defer { state.held = [] }
            return state.held
        }
        for commit in held { commit() }
    }

    /// Has so many pieces of space to be given back.
    package func leaveUnusedSpace(pieces: Int) { state.withLock { $0.orders.unusedPieces = pieces } }

    /// Those that have not been given back.
    package var unusedPieces: Int { state.withLock { $0.orders.unusedPieces } }

    /// Makes lists take until their task is cancelled.
    package func holdLists() { state.withLock { $0.orders.areListsHeld = true } }

    /// Lists that were interrupted so far.
    package var interruptedLists: Int { state.withLock { $0.orders.interruptedLists } }

    /// Commits that were asked for so far, the failed ones included.
    package var commitCount: Int { state.withLock { $0.orders.commitCount } }

    /// Events of the largest commit so far.
    package var largestCommit: Int { state.withLock { $0.orders.largestCommit } }

    package func commit(_ decisions: [[Event]], whenDone done: @escaping @Sendable (CommitOutcome) -> Void) {
        let isHeld = state.withLock { state in
            if state.orders.areCommitsHeld { state.held.append { self.perform(decisions, done) } }
            return state.orders.areCommitsHeld
        }
        if !isHeld { perform(decisions, done) }
    }

    private func perform(_ decisions: [[Event]], _ done: (CommitOutcome) -> Void) {
        let outcome = state.withLock { state in
            Result { () throws(StoreError) in
                try state.orders.outcome(of: decisions, on: state.records) ?? state.records.apply(decisions)
            }
        }
        done(outcome)
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
        let found = state.withLock { state in
            state.orders.failsRead() ? nil : body(state.records)
        }
        guard let found else { throw .unavailable("the test said so") }
        return found
    }

    package func batch(_ id: BatchID) async throws(StoreError) -> BatchState? {
        state.withLock { $0.records.batch(id) }
    }

    package func list(_ query: JobQuery) async throws(StoreError) -> JobPage {
        if state.withLock({ $0.orders.areListsHeld }) {
            let (never, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            continuation.finish()
            state.withLock { $0.orders.interruptedLists += 1 }
            throw .unavailable("interrupted")
        }
        return state.withLock { $0.records.page(query) }
    }

    package func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]
    {
        state.withLock { $0.records.lines(of: id, run: run, after: number, limit: limit) }
    }

    package func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID] {
        state.withLock { $0.records.unusedFiles(createdBefore: moment, limit: limit) }
    }

    package func expiredJobs(
        _ cutoffs: EndCutoffs, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID] {
        state.withLock {
            $0.records.expiredJobs(cutoffs, pendingUnchangedBefore: pendingUnchangedBefore, limit: limit)
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
            state.orders.unusedPieces = max(0, state.orders.unusedPieces - 1)
            return state.orders.unusedPieces > 0
        }
    }

    package var logBytes: Int { 0 }

    package func totals() async throws(StoreError) -> StoreTotals { state.withLock(\.records.totals) }

    package func close() async {}

    private struct State {
        var records = MemoryRecords()
        var orders = StoreOrders()
        var held: [@Sendable () -> Void] = []
        var clock: ClockAnchor?
    }
}
