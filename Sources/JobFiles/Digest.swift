import Glibc
package import JobSystem

/// A SHA-256 digest that is made while bytes go by.
package struct Digest: Sendable {
    private var running = RunningDigest()

    package init() {}

    /// Adds a piece, when it is its turn.
    package mutating func add(_ bytes: UnsafeRawBufferPointer) { Turn.take { running.add(bytes) } }

    /// 64 lower-case hexadecimal digits.
    package var hexadecimal: String { running.hexadecimal }

    /// The digest and size of a whole file, from the descriptor's start; blocks.
    package static func ofFile(_ descriptor: CInt, path: String) throws(SystemError) -> (sha256: String, size: Int64) {
        var digest = Digest()
        var size: Int64 = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(size))
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw SystemError("read", path)
            }
            guard count > 0 else { return (digest.hexadecimal, size) }
            digest.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            size += Int64(count)
        }
    }
}
