import Glibc
package import JobModel
import JobSystem

// What has come of resumable uploads.
extension FilesArea {
    func partialPath(of file: FileID) -> String { "\(directory)/files/partial/\(file)" }

    /// How much has come of an upload, wherever it lies by now; 0 when nothing has.
    package func partialSize(of file: FileID) -> Int64 {
        for path in [partialPath(of: file), path(of: file), setAsidePath(of: file)] {
            var status = stat()
            if lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { return Int64(status.st_size) }
        }
        return 0
    }

    /// How much has come of an upload, durable when it returns, and when; nothing, long ago, when nothing has.
    package func syncedPartial(_ file: FileID) throws(UploadError) -> (bytes: Int64, changed: Timestamp) {
        for path in [partialPath(of: file), path(of: file), setAsidePath(of: file)] {
            let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, fdatasync(descriptor) == 0 else {
                throw UploadError(SystemError("fdatasync", path))
            }
            return (Int64(status.st_size), Timestamp(writeOf: status))
        }
        return (0, Timestamp(milliseconds: 0))
    }

    /// Removes what has come of an upload; when nothing has, that is not an error.
    package func removePartial(_ file: FileID) { unlink(partialPath(of: file)) }

    /// What has come of each upload.
    package func partialFiles() -> [FileID: PartialState] {
        var states: [FileID: PartialState] = [:]
        for name in Directory.names(at: "\(directory)/files/partial") {
            guard let id = FileID(name), let state = partialState(of: id) else { continue }
            states[id] = state
        }
        return states
    }

    private func partialState(of id: FileID) -> PartialState? {
        let descriptor = Glibc.open(partialPath(of: id), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { Descriptors.closeUnlocked(descriptor) }
        // Who writes it has a lock on it.
        let isHeld = flock(descriptor, LOCK_SH | LOCK_NB) != 0
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return PartialState(bytes: Int64(status.st_size), changed: Timestamp(writeOf: status), isHeld: isHeld)
    }
}
