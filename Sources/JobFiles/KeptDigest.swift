import Glibc
import JobSystem

/// The digest of a file that only grows, kept with the file itself from one piece to the next: whoever appends, in whichever
/// process, goes on with it.
///
/// What is kept is of bytes that are durable, and is right whatever came behind them: those are read when the digest is needed.
/// Where the file system keeps nothing, all of it is read then. Blocks with the disk.
struct KeptDigest {
    private static let note = FileNote("user.jobd.sha256")
    private static let chunkBytes = 256 * 1024

    private let descriptor: CInt
    private let path: String
    private var digest = RunningDigest()
    private var keptCount: Int64 = 0

    /// Takes up what is kept with a file of this size.
    init(of descriptor: CInt, path: String, size: Int64) {
        self.descriptor = descriptor
        self.path = path
        guard let saved = Self.note.bytes(of: descriptor, limit: RunningDigest.savedBytes),
            let kept = RunningDigest(saved: saved), kept.count <= size
        else { return }
        digest = kept
        keptCount = kept.count
    }

    /// Takes bytes that were appended at an offset; passes over them when those before them are missing.
    mutating func add(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        if offset == digest.count { digest.add(bytes) }
    }

    /// Reads what is missing of a file of this size.
    mutating func catchUp(to size: Int64) throws(SystemError) {
        guard digest.count < size else { return }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.chunkBytes, alignment: 16)
        defer { buffer.deallocate() }
        while digest.count < size {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(digest.count))
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw SystemError("pread", path, errno: count == 0 ? EIO : errno)
            }
            Turn.take { digest.add(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
        }
    }

    /// How many bytes would have to be read of a file of this size.
    func missingBytes(of size: Int64) -> Int64 { size - digest.count }

    /// Keeps it with the file, all of which is durable.
    mutating func keep() {
        guard digest.count > keptCount else { return }
        Self.note.set(digest.saved, of: descriptor)
        keptCount = digest.count
    }

    /// Of what was taken and read: 64 lower-case hexadecimal digits.
    var hexadecimal: String { digest.hexadecimal }
}
