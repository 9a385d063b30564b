import JobModel
import JobStorage
import Logging
import NIOCore

/// What goes by itself: files that no job has used for long.
extension Daemon {
    /// Between two looks at what can go; also how long that may stay beyond its time.
    private static let interval = Duration.seconds(600)
    /// Files of one look; more go with the next.
    private static let batch = 1000

    /// Looks now and then from now on.
    ///
    /// What lies on the disk without a record is looked for once: only a crash leaves it.
    func keepHouse() {
        let age = map.rules.unusedFileAge
        disk.oldFiles(before: clock.now + (.zero - age)).whenSuccess { ids in
            self.inBackground { await self.removeUnknown(ids) }
        }
        removeUnused()
    }

    private func removeUnused() {
        let limit = clock.now + (.zero - map.rules.unusedFileAge)
        inBackground { [self] in
            do throws(StoreError) {
                let ids = try await store.unusedFiles(createdBefore: limit, limit: Self.batch)
                for id in ids { tell(.deleteFile(id)) }
                if !ids.isEmpty { logger.info("removing unused files", metadata: ["files": "\(ids.count)"]) }
            } catch {
                logger.warning("unused files were not looked for", metadata: ["reason": "\(error)"])
            }
        }
        houseWake = clock.wake(at: clock.now + Self.interval, on: loop) {
            self.assumeIsolated { $0.removeUnused() }
        }
    }

    private func removeUnknown(_ ids: [FileID]) async {
        for start in stride(from: 0, to: ids.count, by: Self.batch) {
            let some = Array(ids[start..<min(start + Self.batch, ids.count)])
            guard let known = try? await store.files(some) else { return }
            for id in Set(some).subtracting(known.map(\.file.fileId)) { disk.remove(file: id) }
        }
    }
}
