package import JobModel

/// Which decisions of a commit were refused, by their place, and why; or why none was written.
package typealias CommitOutcome = Result<[Int: StoreError], StoreError>

/// Where jobs are kept: the seam between the daemon and its databases.
///
/// All rules are in the model; a store keeps records under their ids, whole or not at all, and says when the data would
/// survive the end of the process. Every store passes the same conformance suite.
///
/// Methods may be called from any thread. Only one commit is under way at a time: the next may begin when `done` has been
/// called, or within that call.
package protocol JobStore: Sendable {
    /// Everything that the map must hold from the start: the jobs that are not final.
    ///
    /// A job that cannot be read is named, and left out.
    ///
    /// - Throws: ``StoreError/damaged(_:)``, ``StoreError/unavailable(_:)``.
    func load() async throws(StoreError) -> Snapshot

    /// Writes decisions and everything they imply, each whole or not at all; returns at once.
    ///
    /// The events of a record form a chain: each replaces what the one before it has made. Where the chain is broken, be it
    /// by somebody else's change or within the commit, the decision is refused, and so are those that build on it.
    ///
    /// It takes a callback and is not `async`, because all changes of all jobs go through here, and each hop between
    /// executors would make every commit longer.
    ///
    /// - Parameters:
    ///   - decisions: The events of each, in the order in which the map made them; an id may occur several times.
    ///   - done: Called once, on any thread, when the data would survive a power cut; with the decisions that were refused by
    ///     their place, each with ``StoreError/conflict(_:)``, ``StoreError/rejected(_:)`` or
    ///     ``StoreError/damagedRecord(_:reason:)``. Or with one of the other errors for all of them.
    func commit(_ decisions: [[Event]], whenDone done: @escaping @Sendable (CommitOutcome) -> Void)

    /// Writes what changes nothing, as durably as a commit: whether the store takes changes at all.
    ///
    /// What an earlier commit may have left is gone for ever when this succeeds.
    ///
    /// - Throws: As a commit.
    func checkWritable() async throws(StoreError)

    /// The record of an id, nil when it never existed.
    ///
    /// - Throws: ``StoreError/damagedRecord(_:reason:)`` as well.
    func record(_ id: JobID) async throws(StoreError) -> JobRecord?

    /// The records of those files that exist, in no order.
    func files(_ ids: [FileID]) async throws(StoreError) -> [FileRecord]

    /// What is stored under a name, nil when there is nothing.
    func named(_ id: RecordID) async throws(StoreError) -> NamedRecord?

    /// The job with a dedupe key that has not ended, or else the one that ended last; nil when there is none.
    func job(with key: JobKey) async throws(StoreError) -> JobRecord?

    /// A batch and how far its jobs are, nil when there is no such batch.
    func batch(_ id: BatchID) async throws(StoreError) -> BatchState?

    /// Up to `limit` files that no job uses and that came before a moment, in no order.
    func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID]

    /// Up to `limit` jobs that ended long enough ago, or are pending without input and unchanged since a moment; in no order.
    func expiredJobs(
        _ cutoffs: EndCutoffs, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID]

    /// Up to `limit` of the jobs that ended first, in the order of their ends.
    func oldestEndedJobs(limit: Int) async throws(StoreError) -> [EndedJob]

    /// Removes what is left of up to `limit` jobs that were deleted before a moment; their ids are free again.
    func removeTombstones(goneBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [JobID]

    /// Keeps a reading of the clock in the place of the last one.
    func keep(_ clock: ClockAnchor) async throws(StoreError)

    /// Removes up to `limit` lines of jobs that were deleted, and what else is left of them beside their tombstones.
    ///
    /// - Returns: Whether there may be more.
    func removeLinesOfDeletedJobs(limit: Int) async throws(StoreError) -> Bool

    /// Gives some of the space that nothing occupies any more back to the system, in a short time.
    ///
    /// - Returns: Whether there is more.
    func reclaimSpace() async throws(StoreError) -> Bool

    // MARK: Deliveries
    // They come with the events of jobs; one of a job waits for those before it to the same webhook.

    /// What is due now, of each webhook up to so many and those first that are due longest; and when there is more.
    func dueDeliveries(of webhooks: [WebhookName: Int], at now: Timestamp) async throws(StoreError) -> DueDeliveries

    /// Changes one as it is then, and returns it; nil when there is none.
    ///
    /// When it has ended, the next one of its job to the same webhook is due.
    func changeDelivery(
        _ id: DeliveryID, at now: Timestamp, _ change: @escaping @Sendable (inout Delivery) -> Void
    ) async throws(StoreError) -> Delivery?

    /// A page, newest first.
    func deliveries(_ query: DeliveryQuery) async throws(StoreError) -> [Delivery]

    /// What waits for each webhook that something waits for.
    func pendingDeliveries() async throws(StoreError) -> [WebhookName: PendingDeliveries]

    /// Up to `limit` pending ones that came before a moment and are for none of these webhooks.
    func strayDeliveries(
        createdBefore moment: Timestamp, except webhooks: [WebhookName], limit: Int
    ) async throws(StoreError) -> [Delivery]

    /// Removes up to `limit` that ended before a moment, or have as many after them that have ended; returns how many.
    func removeDeliveries(endedBefore moment: Timestamp, keeping count: Int, limit: Int) async throws(StoreError) -> Int

    /// A page of jobs, newest first: by `createdAt`, then by order of creation. Ends early when its task is cancelled.
    func list(_ query: JobQuery) async throws(StoreError) -> JobPage

    /// Up to `limit` lines with a number above `number`, of one run or, when it is nil, of all; in order.
    func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]

    /// Bytes of what is written and not yet in its final place.
    var logBytes: Int { get }

    /// How much there is.
    func totals() async throws(StoreError) -> StoreTotals

    /// Ends all use. Nothing may be called afterwards.
    func close() async
}

extension JobStore {
    /// Jobs that ended before one moment, or have been pending without a change since before another; `limit` at most.
    package func expiredJobs(
        endedBefore: Timestamp, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID] {
        try await expiredJobs(
            EndCutoffs(endedBefore), pendingUnchangedBefore: pendingUnchangedBefore, limit: limit)
    }
}

extension Job {
    /// The bytes of its files and artifacts.
    package var storedBytes: Int64 {
        let artifacts = $outcome.unusual?.artifacts ?? []
        return artifacts.reduce(input.files.reduce(0) { $0.adding($1.size) }) { $0.adding($1.size) }
    }
}
