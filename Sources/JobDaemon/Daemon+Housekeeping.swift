import Dispatch
import JobModel
import JobStorage
import JobSystem
import Logging
import NIOCore

/// What goes by itself: jobs that have stayed as long as they may, files that no job uses, and the space they took.
extension Daemon {
    private enum House {
        /// Between two looks at what can go, at most; also how long that may stay beyond its time.
        static let longestInterval = Duration.seconds(60)
        /// Between two looks when there was more to do than one look does.
        static let pause = Duration.seconds(1)
        /// Jobs and files of one look, each.
        static let batch = 500
    }

    /// Looks now and then from now on.
    ///
    /// What lies on the disk without a record is looked for once: only a crash leaves it.
    func keepHouse() {
        disk.oldFiles(before: clock.now + (.zero - map.rules.retention.unusedFiles)).whenSuccess { ids in
            self.inBackground { await self.removeUnknown(ids) }
        }
        lookForExpired()
    }

    /// Looks now, and again after a time that fits what was found.
    func lookForExpired() {
        houseWake?()
        houseWake = nil
        giveMemoryBack()
        let (retention, now) = (map.rules.retention, clock.now)
        inBackground { [self] in
            var isMore = false
            do throws(StoreError) {
                let jobs = try await store.expiredJobs(
                    endedBefore: now + (.zero - retention.ended),
                    pendingUnchangedBefore: now + (.zero - retention.pending), limit: House.batch)
                let files = try await store.unusedFiles(
                    createdBefore: now + (.zero - retention.unusedFiles), limit: House.batch)
                for id in jobs { tell(.expire(id)) }
                for id in files { tell(.deleteFile(id)) }
                if !jobs.isEmpty || !files.isEmpty {
                    logger.info(
                        "removing what has stayed long enough",
                        metadata: ["jobs": "\(jobs.count)", "files": "\(files.count)"])
                }
                let hasSpace = try await store.reclaimSpace()
                isMore = jobs.count == House.batch || files.count == House.batch || hasSpace
            } catch {
                logger.warning("old jobs and files were not looked for", metadata: ["reason": "\(error)"])
            }
            await lookAgain(after: isMore ? House.pause : interval(of: retention))
        }
    }

    private func lookAgain(after pause: Duration) {
        guard !isDraining else { return }
        houseWake = clock.wake(at: clock.now + pause, on: loop) {
            self.assumeIsolated { $0.lookForExpired() }
        }
    }

    /// A tenth of the shortest time that anything stays, within bounds.
    private nonisolated func interval(of retention: Rules.Retention) -> Duration {
        let shortest = min(retention.ended, retention.pending, retention.unusedFiles)
        return min(max(shortest / 10, House.pause), House.longestInterval)
    }

    /// Once a backlog is gone and nothing is under way: what the allocator keeps of it for later is given to others.
    private func giveMemoryBack() {
        guard map.isSparse, isIdle else { return }
        map.shrink()
        image.shrink()
        // It blocks, and for as long others that want memory.
        DispatchQueue.global(qos: .utility).async { Machine.giveMemoryBack() }
    }

    private func removeUnknown(_ ids: [FileID]) async {
        for start in stride(from: 0, to: ids.count, by: House.batch) {
            let some = Array(ids[start..<min(start + House.batch, ids.count)])
            guard let known = try? await store.files(some) else { return }
            for id in Set(some).subtracting(known.map(\.file.fileId)) { disk.remove(file: id) }
        }
    }
}
