import Glibc
import JobSystem
import NIOCore

/// A part of an open file.
struct FilePart: Sendable {
    let file: OpenFile
    /// In bytes.
    let range: Range<Int64>
}

/// A file open for reading, closed with its last user.
final class OpenFile: Sendable {
    private let descriptor: CInt

    /// Owns the descriptor from now on.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads up to `count` bytes, none at the end of the file; blocks.
    ///
    /// - Throws: ``SystemError``.
    func read(at offset: Int64, count: Int) throws(SystemError) -> ByteBuffer {
        var buffer = ByteBuffer()
        var result = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            result = pread(descriptor, space.baseAddress, min(count, space.count), Int(offset))
            return max(0, result)
        }
        guard result >= 0 else { throw SystemError("pread") }
        return buffer
    }
}
