import Glibc
import Synchronization

/// Keeps a second daemon out of a storage directory, for as long as this process lives.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<CInt?>

    /// Takes the lock, which is on the directory itself: a file in it could be removed, and made anew.
    ///
    /// - Throws: ``OpenError``.
    init(directory: String) throws {
        let opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else {
            throw OpenError.directory(directory, reason: String(cString: strerror(errno)))
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            Glibc.close(opened)
            throw OpenError.inUse(directory: directory)
        }
        descriptor = Mutex(opened)
    }

    /// Whether somebody holds the lock of a directory; changes nothing, and makes no file.
    static func isTaken(in directory: String) -> Bool {
        let opened = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return false }
        defer { Glibc.close(opened) }
        return flock(opened, LOCK_SH | LOCK_NB) != 0
    }

    func unlock() {
        descriptor.withLock { descriptor in
            // Closing alone would leave it to a child that is just being started and still has a copy.
            if let opened = descriptor {
                flock(opened, LOCK_UN)
                Glibc.close(opened)
            }
            descriptor = nil
        }
    }

    deinit { unlock() }
}
