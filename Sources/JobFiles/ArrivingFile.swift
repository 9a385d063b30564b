import Dispatch
import Glibc
import JobModel
import JobSystem

/// A file in `arriving/`, locked while somebody holds this.
///
/// Its name there goes with the last holder: if the daemon has adopted the file, it has another by then.
final class ArrivingFile: Sendable {
    let descriptor: CInt
    let path: String

    /// Makes a file that nobody else writes, and that no sweep has seen unlocked.
    ///
    /// - Throws: ``SystemError``.
    init(_ fileId: FileID, in area: FilesArea) throws(SystemError) {
        path = area.arrivingPath(of: fileId)
        var opened = Self.makeLocked(path)
        if opened < 0, errno == ENOENT {
            // Somebody has removed the folder.
            for folder in ["/files", "/files/arriving"] { try Directory.make(at: area.directory + folder) }
            opened = Self.makeLocked(path)
        }
        guard opened >= 0 else { throw SystemError("open", path) }
        descriptor = opened
    }

    private static func makeLocked(_ path: String) -> CInt {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
            guard descriptor >= 0 else { return descriptor }
            var status = stat()
            // A sweep that came between the two calls has taken the name away.
            if flock(descriptor, LOCK_EX) == 0, fstat(descriptor, &status) == 0, status.st_nlink > 0 {
                return descriptor
            }
            close(descriptor)
        }
    }

    deinit {
        unlink(path)
        // The last descriptor of a large file without a name takes its time.
        DispatchQueue.global(qos: .utility).async { [descriptor] in close(descriptor) }
    }
}
