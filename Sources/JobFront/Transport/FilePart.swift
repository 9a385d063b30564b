import Glibc
package import JobSystem
package import NIOCore

/// A part of an open file.
package struct FilePart: Sendable {
    package let file: OpenFile
    /// In bytes.
    package let range: Range<Int64>
}

/// A file open for reading, closed with its last user.
package final class OpenFile: Sendable {
    private let descriptor: CInt

    /// Owns the descriptor from now on.
    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads up to `count` bytes, none at the end of the file; blocks.
    ///
    /// - Throws: ``SystemError``.
    package func read(at offset: Int64, count: Int) throws(SystemError) -> ByteBuffer {
        var buffer = ByteBuffer()
        var result = 0
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            result = pread(descriptor, space.baseAddress, min(count, space.count), Int(offset))
            return max(0, result)
        }
        guard result >= 0 else { throw SystemError("pread") }
        return buffer
    }

    /// Whether its first bytes are UTF-8, but for a character that is cut off at their end.
    func beginsAsUTF8() throws -> Bool {
        let bytes = try read(at: 0, count: Self.lookedAtBytes)
        return bytes.withUnsafeReadableBytes { bytes in
            (0...min(3, bytes.count)).contains { cut in
                (cut == 0 || bytes.count == Self.lookedAtBytes)
                    && String(validating: bytes.dropLast(cut), as: UTF8.self) != nil
            }
        }
    }

    private static let lookedAtBytes = 262_144
}
