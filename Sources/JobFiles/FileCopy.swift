import Glibc
package import JobSystem

/// Second names of files, or their bytes once more; all of it blocks.
package enum FileCopy {
    /// Makes a file appear at another path as well: by a further name where both are on one file system, else by copying.
    ///
    /// Only for files that nobody changes. The copy is synced, the directory is not.
    ///
    /// - Returns: False when there is no such file.
    /// - Throws: ``SystemError``; nothing is at the target then.
    package static func share(_ source: String, at target: String) throws(SystemError) -> Bool {
        if link(source, target) == 0 { return true }
        switch errno {
        case ENOENT where access(source, F_OK) != 0: return false
        // Another file system, one without such names, too many names, or a file that is not ours.
        case EXDEV, EPERM, EMLINK, EOPNOTSUPP: return try copy(source, to: target)
        default: throw SystemError("link", source)
        }
    }

    private static func copy(_ source: String, to target: String) throws(SystemError) -> Bool {
        let from = open(source, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard from >= 0 else {
            if errno == ENOENT { return false }
            throw SystemError("open", source)
        }
        defer { close(from) }
        let to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard to >= 0 else { throw SystemError("open", target) }
        defer { close(to) }
        do throws(SystemError) {
            var count = 1
            while count > 0 {
                count = sendfile(to, from, nil, 1 << 24)
                guard count >= 0 || errno == EINTR else { throw SystemError("write", target) }
                if count < 0 { count = 1 }
            }
            guard fsync(to) == 0 else { throw SystemError("fsync", target) }
            return true
        } catch {
            unlink(target)
            throw error
        }
    }

    /// Makes the content of a file survive a power cut.
    package static func sync(_ path: String) throws(SystemError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw SystemError("fsync", path) }
    }
}
