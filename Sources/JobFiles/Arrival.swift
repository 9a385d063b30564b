import Glibc
package import JobModel
package import JobSystem

/// An upload on its way to the disk: hashed as it comes, durable once it is committed, gone if it is not.
///
/// Blocks with the disk, and belongs to one thread at a time.
package struct Arrival: ~Copyable {
    private let area: FilesArea
    private let fileId: FileID
    private let descriptor: CInt
    private var digest = Digest()
    /// Bytes so far.
    package private(set) var size: Int64 = 0
    private var isCommitted = false

    /// Begins a file that nobody else writes.
    ///
    /// - Throws: ``SystemError``.
    package init(_ fileId: FileID, in area: FilesArea) throws(SystemError) {
        let path = area.arrivingPath(of: fileId)
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o440)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        // Held until the descriptor is closed; tells a sweep that this upload is alive.
        flock(descriptor, LOCK_EX)
        self.area = area
        self.fileId = fileId
        self.descriptor = descriptor
    }

    /// Appends bytes.
    ///
    /// - Throws: ``SystemError``; the arrival can then only be dropped.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(descriptor, rest.baseAddress, rest.count)
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError("write", area.arrivingPath(of: fileId))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        digest.add(bytes)
        let before = size
        size += Int64(bytes.count)
        if size / Self.writtenBytes > before / Self.writtenBytes { startWriting() }
    }

    /// How much is gathered before the disk is to begin with it.
    private static let writtenBytes: Int64 = 8 * 1024 * 1024

    /// Has the disk begin with what is there, so that little is left to wait for at the end.
    ///
    /// Linux starts to write pages that are said to be of no more use, and keeps them until they are written.
    private func startWriting() {
        let length = Int(2 * Self.writtenBytes)
        posix_fadvise(descriptor, max(0, Int(size) - length), length, POSIX_FADV_DONTNEED)
    }

    /// The digest of what has come so far.
    package var sha256: String { digest.hexadecimal }

    /// Makes the file durable under its id, and describes it with a name that ``FileName`` has made safe.
    ///
    /// - Throws: ``SystemError``; nothing remains then.
    package consuming func commit(name: String) throws(SystemError) -> JobFile {
        let mediaType = MediaType.ofFile(descriptor)
        let from = area.arrivingPath(of: fileId)
        let to = area.path(of: fileId)
        guard fsync(descriptor) == 0 else { throw SystemError("fsync", from) }
        guard rename(from, to) == 0 else { throw SystemError("rename", from) }
        isCommitted = true
        try Directory.sync("\(area.directory)/files")
        return JobFile(
            fileId: fileId, name: FileName.safe(name), size: size, mediaType: mediaType, sha256: digest.hexadecimal)
    }

    deinit {
        if !isCommitted { unlink(area.arrivingPath(of: fileId)) }
        close(descriptor)
    }
}
