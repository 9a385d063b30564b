import JobModel
import JobStorage
import Logging
import NIOCore

/// One look at what has stayed as long as it may, or is too much; removes a piece of it.
struct Expiry: Sendable {
    /// Jobs, files, uploads and messages of one piece, each: a read or a creation waits behind it for some milliseconds.
    private static let batch = 200

    let daemon: Daemon
    let store: any JobStore
    let disk: any JobDisk
    let logger: Logger
    let rules: Rules
    let now: Timestamp

    /// Removes jobs, unused files and tombstones; returns whether there may be more.
    func removeJobsAndFiles() async throws(StoreError) -> Bool {
        let retention = rules.retention
        let jobs = try await notAwaited(id: \.self) { limit throws(StoreError) in
            try await store.expiredJobs(
                EndCutoffs(rules, at: now), pendingUnchangedBefore: now + (.zero - retention.pending), limit: limit)
        }
        let files = try await store.unusedFiles(
            createdBefore: now + (.zero - retention.unusedFiles), limit: Self.batch)
        let surplus = try await surplusJobs()
        let tombstones = try await store.removeTombstones(
            goneBefore: now + (.zero - retention.tombstones), limit: Self.batch)
        await daemon.forget(tombstones)
        guard !jobs.isEmpty || !files.isEmpty || !surplus.isEmpty else { return tombstones.count == Self.batch }
        logger.info(
            "removing what has stayed long enough",
            metadata: ["jobs": "\(jobs.count + surplus.count)", "files": "\(files.count)"])
        let gone = await daemon.decideAll(
            jobs.map { .expire($0) } + surplus.map { .evict($0) } + files.map { .deleteFile($0) })
        let isFull = [jobs.count, files.count, surplus.count, tombstones.count].contains(Self.batch)
        // What the store does not let go is found again, too.
        return isFull && (gone.done > 0 || tombstones.count == Self.batch)
    }

    /// The oldest of the ended jobs of which there are too many, or which have too many bytes.
    private func surplusJobs() async throws(StoreError) -> [JobID] {
        var ended = await daemon.endedJobs
        guard rules.retention.isExceeded(by: ended) else { return [] }
        let oldest = try await notAwaited(id: \.jobId) { limit throws(StoreError) in
            try await store.oldestEndedJobs(limit: limit)
        }
        var surplus: [JobID] = []
        for job in oldest {
            guard rules.retention.isExceeded(by: ended) else { break }
            ended.remove(job)
            surplus.append(job.jobId)
        }
        return surplus
    }

    /// The first that nobody waits for, as many as one look removes.
    ///
    /// What others wait for stays and is found again each time: so more is read, until enough is there beside it.
    private func notAwaited<Found: Sendable>(
        id: @escaping @Sendable (Found) -> JobID, read: (_ limit: Int) async throws(StoreError) -> [Found]
    ) async throws(StoreError) -> ArraySlice<Found> {
        var limit = Self.batch
        while true {
            let found = try await read(limit)
            let free = await withoutAwaited(found, id: id)
            guard free.count < Self.batch, found.count == limit else { return free }
            limit *= 2
        }
    }

    private func withoutAwaited<Found: Sendable>(
        _ found: [Found], id: @escaping @Sendable (Found) -> JobID
    ) async -> ArraySlice<Found> {
        var rest: [Found] = []
        for piece in pieces(found) where rest.count < Self.batch {
            rest += await daemon.withoutAwaited(piece, id: id)
        }
        return rest.prefix(Self.batch)
    }

    // MARK: Resumable uploads

    /// Looks how much of each resumable upload has come, and removes those whose time is over; returns whether there may be more.
    func forgetUploads() async -> Bool {
        guard let states = try? await disk.partialFiles().get() else { return false }
        var uploads: [UploadRecord] = []
        for ids in pieces(await daemon.uploadIds) { uploads += await daemon.uploadRecords(ids, found: states) }
        // An upload that was deleted while somebody began to write to it leaves a file without a record.
        let unknown = Set(states.keys).subtracting(uploads.map(\.fileId))
        for ids in pieces(unknown) { await daemon.removeUnknown(ids.filter { states[$0]?.isHeld == false }) }
        let over = uploads.filter { isOver($0, states[$0.fileId]) }
        let ids = Array((over.map(\.fileId) + surplus(of: uploads)).prefix(Self.batch))
        let gone = await daemon.decideAll(ids.map { .forgetUpload($0) })
        // What the store does not let go is found again.
        return ids.count == Self.batch && gone.done > 0
    }

    /// As many at once as others may wait for.
    private func pieces<Element>(_ all: some Sequence<Element>) -> [ArraySlice<Element>] {
        let all = Array(all)
        return stride(from: 0, to: all.count, by: Self.batch).map { all[$0..<min(all.count, $0 + Self.batch)] }
    }

    private func isOver(_ upload: UploadRecord, _ state: PartialState?) -> Bool {
        if let end = upload.finishedAt { return end + Limits.finishedUploads < now }
        guard state?.isHeld != true else { return false }
        let changed = max(state?.changed ?? upload.createdAt, upload.createdAt)
        return changed + rules.retention.unfinishedUploads < now
    }

    /// Those that were finished first, of which more are known than need be.
    private func surplus(of uploads: [UploadRecord]) -> [FileID] {
        let finished = uploads.compactMap { record in record.finishedAt.map { (end: $0, id: record.fileId) } }
        guard finished.count > Limits.finishedUploadCount else { return [] }
        let oldest = finished.sorted { $0.end < $1.end }.prefix(finished.count - Limits.finishedUploadCount)
        return oldest.map(\.id)
    }

    // MARK: Messages to webhooks

    private enum Post {
        /// What has ended stays so long, and so many of it.
        static let kept = Duration.days(3)
        static let keptCount = 10_000
        /// How long one waits for a webhook that the configuration has no more.
        static let patience = Delivery.pauses.reduce(.zero, +)
    }

    /// Gives up messages whose webhook is not there any more, and removes what has ended; returns whether there may be more.
    func clearOutbox() async throws(StoreError) -> Bool {
        let strays = try await store.strayDeliveries(
            createdBefore: now + (.zero - Post.patience), except: rules.webhooks.keys.sorted(), limit: Self.batch)
        for stray in strays { _ = try await store.changeDelivery(stray.id, at: now) { $0.abandon(at: now) } }
        let removed = try await store.removeDeliveries(
            endedBefore: now + (.zero - Post.kept), keeping: Post.keptCount, limit: Self.batch)
        return strays.count == Self.batch || removed == Self.batch
    }
}

extension Rules.Retention {
    /// Whether there are more ended jobs than may stay, or more bytes of them.
    func isExceeded(by ended: StoreTotals.Ended) -> Bool {
        ended.count > maximumJobs ?? .max || ended.bytes > maximumBytes ?? .max
    }
}
