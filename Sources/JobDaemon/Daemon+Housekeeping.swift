import Dispatch
import JobModel
import JobStorage
import JobSystem
import Logging
import NIOCore
import Synchronization

/// What goes by itself: jobs that have stayed as long as they may, files that no job uses, and the space they took.
extension Daemon {
    private enum House {
        /// Between two looks at what can go, at most; also how long that may stay beyond its time.
        static let longestInterval = Duration.seconds(60)
        /// The shortest time between two looks that found nothing more to do.
        static let shortestInterval = Duration.seconds(1)
        /// Between two pieces when there is more: others get their turn.
        static let pause = Duration.milliseconds(20)
        /// Jobs and files of one piece, each.
        static let batch = 500
        /// Lines of one piece.
        static let lines = 2000
    }

    /// Looks now and then from now on.
    func keepHouse() { lookForExpired() }

    /// Looks now, and again after a time that fits what was found.
    func lookForExpired() {
        housekeeper.beginLook()
        giveMemoryBack()
        let (rules, now) = (committer.map.rules, clock.now)
        let anchor = judgeClock()
        sweep()
        inBackground { [self] in
            var isMore = false
            do throws(StoreError) {
                // Before anything goes that this reading lets go.
                if let anchor { try await store.keep(anchor) }
                if await housekeeper.isClockBelieved { isMore = try await removeExpired(rules, at: now) }
                if await housekeeper.isClockBelieved, await forgetUploads(rules, at: now) { isMore = true }
                if await housekeeper.isClockBelieved, try await clearOutbox(rules, at: now) { isMore = true }
                if try await store.removeLinesOfDeletedJobs(limit: House.lines) { isMore = true }
                if try await store.reclaimSpace() { isMore = true }
            } catch {
                logger.warning("old jobs and files were not looked for", metadata: ["reason": "\(error)"])
            }
            await lookAgain(after: isMore ? House.pause : interval(of: rules.retention))
        }
    }

    /// Removes a piece of what has stayed long enough, or is too much; returns whether there may be more.
    private func removeExpired(_ rules: Rules, at now: Timestamp) async throws(StoreError) -> Bool {
        let retention = rules.retention
        let jobs = try await store.expiredJobs(
            EndCutoffs(rules, at: now), pendingUnchangedBefore: now + (.zero - retention.pending), limit: House.batch)
        let files = try await store.unusedFiles(
            createdBefore: now + (.zero - retention.unusedFiles), limit: House.batch)
        let surplus = try await surplusJobs(retention)
        let tombstones = try await store.removeTombstones(
            goneBefore: now + (.zero - retention.tombstones), limit: House.batch)
        forget(tombstones)
        guard !jobs.isEmpty || !files.isEmpty || !surplus.isEmpty else { return tombstones.count == House.batch }
        logger.info(
            "removing what has stayed long enough",
            metadata: ["jobs": "\(jobs.count + surplus.count)", "files": "\(files.count)"])
        let gone = await perform(
            jobs.map { .expire($0) } + surplus.map { .evict($0) } + files.map { .deleteFile($0) })
        let isFull = [jobs.count, files.count, surplus.count, tombstones.count].contains(House.batch)
        // What others wait for is found again and again.
        return isFull && (gone > 0 || tombstones.count == House.batch)
    }

    /// Looks what has come of uploads in pieces, and removes a piece of those whose time is over; returns whether there may
    /// be more.
    private func forgetUploads(_ rules: Rules, at now: Timestamp) async -> Bool {
        guard let states = try? await disk.partialFiles().get() else { return false }
        let over = take(states, rules, at: now)
        _ = await perform(over.map { .forgetUpload($0) })
        return over.count == House.batch
    }

    /// Takes note of what has come, and answers which uploads are over.
    private func take(_ states: [FileID: PartialState], _ rules: Rules, at now: Timestamp) -> [FileID] {
        for (id, state) in states {
            guard let record = committer.map.upload(id) else {
                // Its upload was taken back while somebody began to write.
                if !state.isHeld { disk.remove(partial: id) }
                continue
            }
            // Who writes it says how much when he has done.
            if record.finishedAt == nil, !state.isHeld { partials.set(state.bytes, of: id, for: record.account) }
        }
        let uploads = committer.map.allUploads
        let over = uploads.filter { record in
            if let end = record.finishedAt { return end + Limits.finishedUploads < now }
            let state = states[record.fileId]
            guard state?.isHeld != true else { return false }
            return max(state?.changed ?? record.createdAt, record.createdAt) + rules.retention.unfinishedUploads < now
        }
        let all: [FileID] = over.map(\.fileId) + Self.surplus(of: uploads)
        return Array(all.prefix(House.batch))
    }

    /// Those that were finished first, of which more are known than need be.
    private static func surplus(of uploads: [UploadRecord]) -> [FileID] {
        let finished = uploads.compactMap { record in record.finishedAt.map { (end: $0, id: record.fileId) } }
        guard finished.count > Limits.finishedUploadCount else { return [] }
        let oldest = finished.sorted { $0.end < $1.end }.prefix(finished.count - Limits.finishedUploadCount)
        return oldest.map(\.id)
    }

    /// The oldest of the ended jobs of which there are too many, or which have too many bytes.
    private func surplusJobs(_ retention: Rules.Retention) async throws(StoreError) -> [JobID] {
        if let maximum = retention.maximumJobs {
            let ended = endedCount
            if ended > maximum { return try await store.oldestEndedJobs(limit: min(ended - maximum, House.batch)) }
        }
        guard let maximum = retention.maximumBytes else { return [] }
        return try await store.endedJobs(beyond: maximum, limit: House.batch)
    }

    private var endedCount: Int {
        JobStatus.allCases.filter(\.isFinal).reduce(0) { $0 + gauges.totals.count(of: $1) }
    }

    /// Their ids are free again.
    private func forget(_ ids: [JobID]) {
        for id in ids where committer.forget(id) { audience.forget(id) }
    }

    /// Decides commands, and returns how many changed anything when all of them are durable, or refused.
    func perform(_ commands: [Command]) async -> Int {
        guard !commands.isEmpty else { return 0 }
        return await withCheckedContinuation { continuation in
            let counts = Mutex((missing: commands.count, done: 0))
            for command in commands {
                decide(command) { outcome in
                    let isIdle = (try? outcome.get()).map { String(buffer: $0) == #"{"isGone":false}"# } ?? true
                    let done: Int? = counts.withLock { counts in
                        counts.missing -= 1
                        counts.done += isIdle ? 0 : 1
                        return counts.missing == 0 ? counts.done : nil
                    }
                    if let done { continuation.resume(returning: done) }
                }
            }
        }
    }

    // MARK: The clock

    /// Judges the clock, and says so when the answer is another than before; returns a reading that is to be stored.
    private func judgeClock() -> ClockAnchor? {
        switch housekeeper.judge(clock) {
        case .believed(let anchor, let again):
            if again { logger.notice("the clock is believed again: what has stayed long enough goes") }
            return anchor
        case .doubted(let ahead, let isNew):
            if isNew {
                logger.warning(
                    "the clock is ahead of all that has passed, and nobody keeps it right: nothing is removed for its age until it is, or until jobctl reload says that it is right",
                    metadata: ["aheadSeconds": "\(ahead.components.seconds)"])
            }
            return nil
        }
    }

    private func lookAgain(after pause: Duration) {
        guard !isDraining else { return }
        let cancel = clock.wake(at: clock.now + pause, on: loop) {
            self.assumeIsolated { $0.lookForExpired() }
        }
        housekeeper.wake(by: cancel)
    }

    /// A tenth of the shortest time that anything stays, within bounds.
    private nonisolated func interval(of retention: Rules.Retention) -> Duration {
        let shortest = retention.shortest
        return min(max(shortest / 10, House.shortestInterval), House.longestInterval)
    }

    /// Once a backlog is gone and nothing is under way: what the allocator keeps of it for later is given to others.
    private func giveMemoryBack() {
        guard committer.map.isSparse, isIdle else { return }
        committer.shrink()
        audience.shrink()
        // It blocks, and for as long others that want memory.
        DispatchQueue.global(qos: .utility).async { Machine.giveMemoryBack() }
    }
}
