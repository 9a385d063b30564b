import Glibc
import JobFiles
import JobModel
import JobStorageSQLite
import JobSystem

/// Gives a copy of a store the files and artifacts that it names; blocks.
struct Sharing: Sendable {
    /// An artifact is no longer what the copy says of it.
    private struct HasChanged: Error {}

    let source: FilesArea
    /// Where the copy of the store is.
    let target: FilesArea
    /// When the copying of the store began; what is older is what the copy names.
    let began: timespec
    /// Whether an artifact that is missing, or another one, is counted instead of ending the work.
    let mayMiss: Bool

    /// - Returns: Nil when an artifact is no longer what it was: the store has to be copied again.
    /// - Throws: `SystemError`, `OpenError`.
    func run() throws -> Backup.Report? {
        let reader = try StoreReader(directory: target.directory)
        var report = Backup.Report(isShared: isOnOneFileSystem)
        do {
            try reader.forEachFile { try share($0, report: &report) }
            try reader.forEachJob { _, job in
                report.jobs += 1
                if let job, !job.outcome.artifacts.isEmpty { try shareArtifacts(of: job, report: &report) }
            }
        } catch is HasChanged {
            return nil
        }
        return report
    }

    /// A file never changes; one that an earlier round has shared is there.
    private func share(_ file: JobFile, report: inout Backup.Report) throws {
        report.files += 1
        report.bytes = report.bytes.adding(file.size)
        let place = target.path(of: file.fileId)
        guard access(place, F_OK) != 0 else { return }
        if try !FileCopy.share(source.path(of: file.fileId), at: place) { report.missing += 1 }
    }

    private func shareArtifacts(of job: Job, report: inout Backup.Report) throws {
        let folder = target.artifactsPath(of: job.jobId, run: job.runs.last)
        try target.makeArtifactsFolder(of: job.jobId, run: job.runs.last)
        for artifact in job.outcome.artifacts {
            report.artifacts += 1
            report.bytes = report.bytes.adding(artifact.size)
            let place = "\(folder)/\(artifact.name)"
            let original = source.path(of: artifact.name, of: job.jobId, run: job.runs.last)
            if try share(artifact, at: original, as: place) { continue }
            guard mayMiss else { throw HasChanged() }
            unlink(place)
            report.missing += 1
        }
        // Without the folder of all, which is synced at the end.
        for folder in [folder, target.artifactsPath(of: job.jobId)] { try Directory.sync(folder) }
    }

    /// False when it is not there, or is what a job that ran again has made since.
    private func share(_ artifact: Artifact, at path: String, as place: String) throws -> Bool {
        var before = stat()
        guard lstat(path, &before) == 0, try FileCopy.share(path, at: place) else { return false }
        let descriptor = open(place, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", place) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int64(status.st_size) == artifact.size else { return false }
        // The kernel's file times lag behind its clock by some milliseconds.
        let isOld = before.st_ctim.tv_sec < began.tv_sec - 1 && before.st_mtim.tv_sec < began.tv_sec - 1
        if isOld, status.st_ino == before.st_ino || !isOnOneFileSystem { return true }
        return try Digest.ofFile(descriptor, path: place).sha256 == artifact.sha256
    }

    private var isOnOneFileSystem: Bool {
        var (here, there) = (stat(), stat())
        return lstat(source.directory, &here) == 0 && lstat(target.directory, &there) == 0
            && here.st_dev == there.st_dev
    }
}
