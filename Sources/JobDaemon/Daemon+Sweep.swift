import JobModel
import JobStorage
import Logging
import NIOCore

/// What lies on the disk and is on no record.
///
/// Little of it is left by each crash and each full disk, and goes at the next look. All of it is looked for at a start
/// and now and then: what an older store does not know may be all that is left of its files, so that is set aside first.
extension Daemon {
    /// Names of one look at the store.
    private static let sweptAtOnce = 500

    /// Looks at what is in doubt, and at everything when that is due.
    func sweep() {
        guard let isWhole = housekeeper.beginSweep(at: clock.passed) else { return }
        // Nothing goes for its age while the clock cannot be right.
        let setAsideBefore =
            housekeeper.isClockBelieved
            ? clock.now + (.zero - committer.map.rules.retention.unusedFiles) : Timestamp(milliseconds: .min)
        inBackground { [self] in
            do {
                let silent = try await disk.sweep(setAsideBefore: setAsideBefore).get()
                await endUploads(silent)
                _ = try await clear(try await disk.doubtfulFiles().get())
                if isWhole { try await lookAtEverything() }
            } catch {
                logger.warning("the disk was not looked through", metadata: ["reason": "\(error)"])
            }
            await sweepEnded()
        }
    }

    private func endUploads(_ ids: [FileID]) { uploads.end(ids) }

    private func sweepEnded() { housekeeper.endSweep() }

    private func lookAtEverything() async throws {
        var (files, jobs) = (0, 0)
        while case let ids = try await disk.nextFiles(Self.sweptAtOnce).get(), !ids.isEmpty, !isDraining {
            files += try await clear(ids)
        }
        while case let ids = try await disk.nextJobsWithArtifacts(Self.sweptAtOnce).get(), !ids.isEmpty, !isDraining {
            var unknown: [JobID] = []
            for id in ids {
                switch try await store.record(id) {
                case .job?: break
                case .gone?: disk.removeArtifacts(of: id)
                case nil: unknown.append(id)
                }
            }
            jobs += try await disk.setAside(artifactsOf: unknown).get()
        }
        guard files + jobs > 0 else { return }
        logger.warning(
            "the store does not know all that lies in its directory; that was set aside in unknown/",
            metadata: [
                "files": "\(files)", "jobsWithArtifacts": "\(jobs)",
                "removedAfter": "\(committer.map.rules.retention.unusedFiles)",
            ])
    }

    /// Those that are not an upload in pieces, which gets its record when its sender asks for it again.
    private func withoutUploads(_ ids: Set<FileID>) -> Set<FileID> {
        ids.filter { id in committer.map.upload(id).map { $0.finishedAt != nil } ?? true }
    }

    /// Takes away those of the files that have no record.
    private func clear(_ ids: [FileID]) async throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let known = try await store.files(ids)
        let unknown = withoutUploads(Set(ids).subtracting(known.map(\.file.fileId)))
        return unknown.isEmpty ? 0 : try await disk.clear(files: Array(unknown)).get()
    }
}

/// When what lies on the disk is looked through, by what has passed since the machine started.
struct Sweeps {
    /// Between two looks at everything.
    private static let interval = Duration.seconds(3600)
    /// Between two looks.
    private static let pause = Duration.seconds(1)

    private var isRunning = false
    private var next: Duration?
    private var nextWhole: Duration?

    /// Begins a look, at everything when that is due; nil when it is too early, or another one goes on.
    mutating func begin(at passed: Duration) -> Bool? {
        guard !isRunning, next.map({ $0 <= passed }) ?? true else { return nil }
        isRunning = true
        next = passed + Self.pause
        guard nextWhole.map({ $0 <= passed }) ?? true else { return false }
        nextWhole = passed + Self.interval
        return true
    }

    mutating func end() { isRunning = false }
}
