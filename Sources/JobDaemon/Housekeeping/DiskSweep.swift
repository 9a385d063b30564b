import JobModel
import JobStorage
import Logging
import NIOCore

/// One look for what lies on the disk and is on no record.
///
/// Little of it is left by each crash and each full disk, and goes at the next look. All of it is looked for at a start
/// and now and then: what an older store does not know may be all that is left of its files, so that is set aside first.
struct DiskSweep: Sendable {
    /// Names of one look at the store.
    private static let sweptAtOnce = 500

    let daemon: Daemon
    let store: any JobStore
    let disk: any JobDisk
    let logger: Logger
    let rules: Rules

    /// Looks at what is in doubt, or at everything; removes what was set aside before a moment.
    func run(isWhole: Bool, setAsideBefore moment: Timestamp) async throws {
        let silent = try await disk.sweep(setAsideBefore: moment).get()
        await daemon.endUploads(silent)
        _ = try await clear(try await disk.doubtfulFiles().get())
        if isWhole { try await lookAtEverything() }
    }

    private func lookAtEverything() async throws {
        var (files, jobs) = (0, 0)
        while case let ids = try await disk.nextFiles(Self.sweptAtOnce).get(), !ids.isEmpty,
            await !daemon.isStopping
        {
            files += try await clear(ids)
        }
        while case let ids = try await disk.nextJobsWithArtifacts(Self.sweptAtOnce).get(), !ids.isEmpty,
            await !daemon.isStopping
        {
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
                "files": "\(files)", "jobsWithArtifacts": "\(jobs)", "removedAfter": "\(rules.retention.unusedFiles)",
            ])
    }

    /// Takes away those of the files that have no record; answers how many.
    private func clear(_ ids: [FileID]) async throws -> Int {
        guard !ids.isEmpty else { return 0 }
        let known = try await store.files(ids)
        let unknown = await daemon.withoutUploads(Set(ids).subtracting(known.map(\.file.fileId)))
        return unknown.isEmpty ? 0 : try await disk.clear(files: Array(unknown)).get()
    }
}
