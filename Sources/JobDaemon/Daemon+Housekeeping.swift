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
        let (retention, now) = (committer.map.rules.retention, clock.now)
        let anchor = judgeClock()
        sweep()
        inBackground { [self] in
            var isMore = false
            do throws(StoreError) {
                // Before anything goes that this reading lets go.
                if let anchor { try await store.keep(anchor) }
                if await housekeeper.isClockBelieved { isMore = try await removeExpired(retention, at: now) }
                if try await store.removeLinesOfDeletedJobs(limit: House.lines) { isMore = true }
                if try await store.reclaimSpace() { isMore = true }
            } catch {
                logger.warning("old jobs and files were not looked for", metadata: ["reason": "\(error)"])
            }
            await lookAgain(after: isMore ? House.pause : interval(of: retention))
        }
    }

    /// Removes a piece of what has stayed long enough; returns whether there may be more.
    private func removeExpired(_ retention: Rules.Retention, at now: Timestamp) async throws(StoreError) -> Bool {
        let jobs = try await store.expiredJobs(
            endedBefore: now + (.zero - retention.ended),
            pendingUnchangedBefore: now + (.zero - retention.pending), limit: House.batch)
        let files = try await store.unusedFiles(
            createdBefore: now + (.zero - retention.unusedFiles), limit: House.batch)
        guard !jobs.isEmpty || !files.isEmpty else { return false }
        logger.info(
            "removing what has stayed long enough",
            metadata: ["jobs": "\(jobs.count)", "files": "\(files.count)"])
        await perform(jobs.map { .expire($0) } + files.map { .deleteFile($0) })
        return jobs.count == House.batch || files.count == House.batch
    }

    /// Decides commands, and returns when all of them are durable, or refused.
    private func perform(_ commands: [Command]) async {
        await withCheckedContinuation { continuation in
            let missing = Mutex(commands.count)
            for command in commands {
                decide(command) { _ in
                    let isLast = missing.withLock { count in
                        count -= 1
                        return count == 0
                    }
                    if isLast { continuation.resume() }
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
        let shortest = min(retention.ended, retention.pending, retention.unusedFiles)
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
