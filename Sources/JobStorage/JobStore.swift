package import JobModel

/// Where jobs are kept: the seam between the daemon and its databases.
///
/// All rules are in the model; a store keeps records under their ids, whole or not at all, and says when the data would
/// survive the end of the process. Every store passes the same conformance suite.
///
/// Methods may be called from any thread; `commit(_:whenDone:)` by one caller, who waits for `done` before
/// the next; from within `done` he need not wait longer.
package protocol JobStore: Sendable {
    /// Everything that the map must hold from the start: the jobs that are not final.
    ///
    /// - Throws: ``StoreError/damaged(_:)``, ``StoreError/unavailable(_:)``.
    func load() async throws(StoreError) -> Snapshot

    /// Writes events and everything they imply, or nothing; returns at once.
    ///
    /// Not asynchronous in the language's way: every change of every job waits for its turn here, and each
    /// change of the executor would be added to the time of each commit.
    ///
    /// - Parameters:
    ///   - events: In the order in which the map made them; an id may occur several times.
    ///   - done: Called once, on any thread, when the data would survive a power cut, or with ``StoreError/full(_:)`` or
    ///     ``StoreError/unavailable(_:)`` when nothing was written and trying again may help, ``StoreError/conflict(_:)``
    ///     when a record is not at the revision that an event replaces, ``StoreError/damaged(_:)`` when the store can no
    ///     longer be trusted.
    func commit(_ events: [Event], whenDone done: @escaping @Sendable (Result<Void, StoreError>) -> Void)

    /// Writes what changes nothing, as durably as a commit: whether the store takes changes at all.
    ///
    /// - Throws: As a commit.
    func checkWritable() async throws(StoreError)

    /// The record of an id, nil when it never existed.
    func record(_ id: JobID) async throws(StoreError) -> JobRecord?

    /// The records of those files that exist, in no order.
    func files(_ ids: [FileID]) async throws(StoreError) -> [FileRecord]

    /// Up to `limit` files that no job uses and that came before a moment, in no order.
    func unusedFiles(createdBefore moment: Timestamp, limit: Int) async throws(StoreError) -> [FileID]

    /// Up to `limit` jobs that ended before a moment, or are pending without input and unchanged since another; in no order.
    func expiredJobs(
        endedBefore: Timestamp, pendingUnchangedBefore: Timestamp, limit: Int
    ) async throws(StoreError) -> [JobID]

    /// Keeps a reading of the clock in the place of the last one.
    func keep(_ clock: ClockAnchor) async throws(StoreError)

    /// Removes up to `limit` lines of jobs that were deleted, which nobody reads any more.
    ///
    /// - Returns: Whether there may be more.
    func removeLinesOfDeletedJobs(limit: Int) async throws(StoreError) -> Bool

    /// Gives some of the space that nothing occupies any more back to the system, in a short time.
    ///
    /// - Returns: Whether there is more.
    func reclaimSpace() async throws(StoreError) -> Bool

    /// A page of jobs, newest first: by `createdAt`, then by order of creation.
    func list(_ query: JobQuery) async throws(StoreError) -> JobPage

    /// Up to `limit` lines with a number above `number`, of one run or, when it is nil, of all; in order.
    func lines(of id: JobID, run: Int64?, after number: Int64, limit: Int) async throws(StoreError) -> [LogLine]

    /// How much there is.
    func totals() async throws(StoreError) -> StoreTotals

    /// Ends all use. Nothing may be called afterwards.
    func close() async
}
