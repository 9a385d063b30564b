import Glibc
package import JobModel
package import JobSystem

// What the daemon alone does, on one thread: nobody else moves anything into `files/`, or out of it.
extension FilesArea {
    /// Where an upload that is to be adopted lies.
    package enum Folder: Hashable, Sendable {
        case arriving, partial, kept, setAside
    }

    /// Looks at an upload and moves it to where files are kept; ``syncFiles()`` makes that durable.
    ///
    /// - Returns: Where it was: an adoption that is repeated finds it where it is.
    /// - Throws: Nothing has changed then.
    package func adopt(_ file: JobFile) throws(UploadError) -> Folder {
        let kept = path(of: file.fileId)
        if try isThere(file, at: kept, canHaveMoreNames: true) { return .kept }
        let folders = [
            (Folder.arriving, arrivingPath(of: file.fileId)), (.partial, partialPath(of: file.fileId)),
            (.setAside, setAsidePath(of: file.fileId)),
        ]
        for (folder, path) in folders {
            guard try isThere(file, at: path, canHaveMoreNames: folder == .setAside) else { continue }
            guard rename(path, kept) == 0 else {
                // Whoever brought it has given up meanwhile.
                if errno == ENOENT, access(path, F_OK) != 0 { throw .notArrived(file.fileId) }
                throw UploadError(SystemError("rename", path))
            }
            return folder
        }
        throw .notArrived(file.fileId)
    }

    /// Moves an upload to the artifacts of a run, in place of one of the same name; durable when it returns.
    package func adopt(
        _ file: JobFile, as name: ArtifactName, of job: JobID, run: Int64?
    ) throws(UploadError) {
        let arriving = arrivingPath(of: file.fileId)
        guard try isThere(file, at: arriving, canHaveMoreNames: false) else { throw .notArrived(file.fileId) }
        do throws(SystemError) {
            try makeArtifactsFolder(of: job, run: run)
            let path = "\(artifactsPath(of: job, run: run))/\(name)"
            guard rename(arriving, path) == 0 else { throw SystemError("rename", path) }
            try syncArtifacts(of: job, run: run)
        } catch {
            throw UploadError(error)
        }
    }

    /// False when there is nothing; throws when there is something else than what was said.
    private func isThere(_ file: JobFile, at path: String, canHaveMoreNames: Bool) throws(UploadError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw UploadError(SystemError("lstat", path)) }
            return false
        }
        guard status.st_mode & S_IFMT == S_IFREG, canHaveMoreNames || status.st_nlink == 1 else {
            throw .unlike(file.fileId, "is not a file of its own")
        }
        guard Int64(status.st_size) == file.size else {
            throw .unlike(file.fileId, "has \(status.st_size) bytes, not \(file.size)")
        }
        return true
    }

    /// Makes what was adopted survive a power cut.
    package func syncFiles() throws(SystemError) { try Directory.sync("\(directory)/files") }
}
