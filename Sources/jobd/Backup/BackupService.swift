import JSON
import JobFiles
import JobModel
import JobStorage
import JobStorageSQLite
import JobSystem
import JobWire
import Logging

/// Makes backups for the control socket, one at a time.
struct BackupService: Sendable {
    let area: FilesArea
    let store: SQLiteJobStore
    let disk: DaemonDisk
    let logger: Logger

    /// Answers what was written; says in words for the operator why nothing was.
    func run(_ directory: String) async -> Result<JSONValue, Refusal> {
        let target = Self.withoutSlash(directory)
        guard target.hasPrefix("/"), target != "/" else {
            return .failure(.wrongField("directory", "must be an absolute path"))
        }
        let folders = ["files", "artifacts", "runs"].map { "\(area.directory)/\($0)/" }
        guard !folders.contains(where: { "\(target)/".hasPrefix($0) }) else {
            return .failure(.wrongField("directory", "lies where jobd keeps its own files; choose another"))
        }
        guard await disk.holdRemovals() else {
            return .failure(Refusal(.unavailable, "Another backup is being made; try again when it is done."))
        }
        let start = ContinuousClock.now
        let outcome: Result<JSONValue, Refusal>
        do {
            let report = try await Backup(area: area, store: store, target: target).run()
            outcome = .success(Self.json(report, directory: target))
            logger.notice(
                "a backup was made",
                metadata: [
                    "directory": "\(target)", "jobs": "\(report.jobs)", "files": "\(report.files)",
                    "artifacts": "\(report.artifacts)", "missing": "\(report.missing)",
                    "took": "\(ContinuousClock.now - start)",
                ])
        } catch {
            let refusal = Self.refusal(for: error)
            outcome = .failure(refusal)
            logger.error(
                "no backup was made", metadata: ["directory": "\(target)", "reason": "\(refusal.message)"])
        }
        disk.releaseRemovals()
        return outcome
    }

    private static func json(_ report: Backup.Report, directory: String) -> JSONValue {
        [
            "directory": .string(directory), "jobs": JSONValue(report.jobs), "files": JSONValue(report.files),
            "artifacts": JSONValue(report.artifacts), "bytes": JSONValue(report.bytes),
            "missing": JSONValue(report.missing), "shared": .bool(report.isShared),
        ]
    }

    private static func refusal(for error: any Error) -> Refusal {
        switch error {
        case let error as Backup.Exists: Refusal(.invalidRequest, "\(error)", pointer: "/directory")
        case let error as SystemError where error.isStorageFull:
            Refusal(.storageFull, "There is no space left for the backup: \(error).")
        case let error as SystemError where error.isForbidden:
            Refusal(
                .forbidden,
                "The daemon may not write there: \(error). Under systemd it may write below /var/lib/jobd, and where "
                    + "ReadWritePaths= of a drop-in allows it (systemctl edit jobd).")
        case let error as SystemError where error.isMissing:
            Refusal(.invalidRequest, "\(error); make the directory above it first.", pointer: "/directory")
        case StoreError.full(let reason): Refusal(.storageFull, "There is no space left for the backup: \(reason)")
        case StoreError.damaged(let reason):
            Refusal(.internalError, "The store is damaged: \(reason). Stop jobd, and look with `jobd check`.")
        default: Refusal(.internalError, "No backup was made: \(error)")
        }
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
