import Glibc
package import JobModel
import JobSystem

/// What has come of a resumable upload: a file in `partial/`, locked while somebody holds this.
///
/// The lock is the kernel's, so that it goes with whoever had it. Who waits for it says so by another lock on the same file,
/// which its holder looks at: one whose sender is gone makes way at once.
///
/// Blocks with the disk, and belongs to one thread at a time.
package final class PartialFile {
    let descriptor: CInt
    private let path: String
    /// Whether its name is to be made durable.
    private var isNew: Bool
    private let folder: String
    private let types: TypeFinder
    /// Of what has come; nil where nobody wants one.
    private var digest: KeptDigest?

    /// Locks what has come of an upload, and makes the file when nothing has.
    ///
    /// - Parameters:
    ///   - fileId: The upload's.
    ///   - area: Where it lies.
    ///   - patience: How long to wait for somebody else, who is asked to make way.
    /// - Throws: `locked` when he does not.
    package init(_ fileId: FileID, in area: FilesArea, patience: Duration) throws(UploadError) {
        folder = "\(area.directory)/files/partial"
        types = area.types
        path = area.partialPath(of: fileId)
        // Where it lies when it was complete, and its record could not be made.
        let later = [area.path(of: fileId), area.setAsidePath(of: fileId)]
        let deadline = ContinuousClock.now + patience
        while true {
            let (opened, isNew) = try Self.open(path, or: later, in: area)
            do throws(UploadError) {
                try Self.lock(opened, until: deadline)
            } catch {
                close(opened)
                throw error
            }
            var status = stat()
            // Somebody may have taken it away meanwhile.
            if fstat(opened, &status) == 0, status.st_nlink > 0 {
                descriptor = opened
                self.isNew = isNew
                return
            }
            Descriptors.closeUnlocked(opened)
        }
    }

    private static func open(
        _ path: String, or later: [String], in area: FilesArea
    ) throws(UploadError) -> (CInt, isNew: Bool) {
        while true {
            var opened = Glibc.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
            // One that is complete is not written any more.
            if opened < 0, errno == EACCES { opened = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
            if opened >= 0 { return (opened, false) }
            guard errno == ENOENT else { throw UploadError(SystemError("open", path)) }
            for path in later {
                opened = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
                if opened >= 0 { return (opened, false) }
            }
            opened = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
            if opened >= 0 { return (opened, true) }
            switch errno {
            case EEXIST: continue
            case ENOENT:
                do throws(SystemError) {
                    for folder in ["/files", "/files/partial"] { try Directory.make(at: area.directory + folder) }
                } catch {
                    throw UploadError(error)
                }
            default: throw UploadError(SystemError("open", path))
            }
        }
    }

    deinit { Descriptors.closeUnlocked(descriptor) }

    /// In bytes.
    package func size() throws(UploadError) -> Int64 { Int64(try status().st_size) }

    /// When it was written last.
    package func changed() throws(UploadError) -> Timestamp { Timestamp(writeOf: try status()) }

    /// Whether its upload was taken back.
    package var isGone: Bool {
        var status = stat()
        return fstat(descriptor, &status) != 0 || status.st_nlink == 0
    }

    private func status() throws(UploadError) -> stat {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw UploadError(SystemError("fstat", path)) }
        return status
    }

    /// Writes behind what is there; a part of it may be there when this throws.
    func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= 0 else { throw SystemError("lseek", path) }
        try Descriptors.writeAll(bytes, to: descriptor, path)
        digest?.add(bytes, at: Int64(end))
        unwritten += bytes.count
        guard unwritten >= Self.writtenBytes else { return }
        // The disk begins with what is there, so that little is left to wait for at the end.
        Descriptors.beginWriting(descriptor, from: max(0, end + bytes.count - unwritten), count: unwritten)
        unwritten = 0
    }

    /// How much is gathered before the disk is to begin with it: so little that a small piece does not wait for all of it.
    private static let writtenBytes = 1024 * 1024
    private var unwritten = 0

    /// Makes what is there durable.
    package func sync() throws(UploadError) {
        guard fdatasync(descriptor) == 0 else { throw UploadError(SystemError("fdatasync", path)) }
        digest?.keep()
        guard isNew else { return }
        do throws(SystemError) {
            try Directory.sync(folder)
            isNew = false
        } catch {
            throw UploadError(error)
        }
    }

    /// Hashes what is appended from now on, if it is known what the digest of the bytes before them is, or soon read.
    package func followDigest() throws(UploadError) {
        let size = try size()
        var digest = KeptDigest(of: descriptor, path: path, size: size)
        if digest.missingBytes(of: size) <= Self.caughtUpBytes {
            do throws(SystemError) { try digest.catchUp(to: size) } catch { throw UploadError(error) }
        }
        self.digest = digest
    }

    /// How much is read before a piece: its sender waits for that.
    private static let caughtUpBytes: Int64 = 64 * 1024 * 1024

    /// Describes it as the file that it is now, which nobody writes any more; reads what has not been hashed.
    package func described(as name: String, _ fileId: FileID) throws(UploadError) -> JobFile {
        // Its owner alone reads it, as any file that is kept; that it cannot be written is for those who come later.
        fchmod(descriptor, 0o400)
        let size = try size()
        var digest = digest ?? KeptDigest(of: descriptor, path: path, size: size)
        do throws(SystemError) {
            try digest.catchUp(to: size)
            return JobFile(
                fileId: fileId, name: FileName.safe(name), size: size, mediaType: try types.type(of: descriptor),
                sha256: digest.hexadecimal)
        } catch {
            throw UploadError(error)
        }
    }

    // MARK: The lock

    /// How long to wait before looking again whether somebody has made way.
    private static let pause: UInt32 = 20_000

    private static func lock(_ descriptor: CInt, until deadline: ContinuousClock.Instant) throws(UploadError) {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
        want(descriptor, F_WRLCK)
        defer { want(descriptor, F_UNLCK) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw UploadError(SystemError("flock")) }
            guard ContinuousClock.now < deadline else { throw .locked }
            usleep(pause)
        }
    }

    /// Whether somebody else waits for it.
    package var isWanted: Bool {
        var lock = Self.mark(F_WRLCK)
        return fcntl(descriptor, Self.lookAtLock, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
    }

    private static func want(_ descriptor: CInt, _ type: CInt) {
        var lock = mark(type)
        _ = fcntl(descriptor, setLock, &lock)
    }

    /// A lock on the first byte.
    private static func mark(_ type: CInt) -> Glibc.flock {
        Glibc.flock(l_type: Int16(type), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
    }

    /// Locks that belong to the open file (fcntl(2), F_OFD_GETLK and F_OFD_SETLK), and not to the process.
    private static let lookAtLock: CInt = 36
    private static let setLock: CInt = 37
}
