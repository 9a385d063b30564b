import COpenSSL

/// The SHA-256 digest of the beginning of something, which can be put down and taken up again, by another process, too.
///
/// ``Digest`` waits for its turn; this does not.
struct RunningDigest {
    private static let blockBytes = Int64(SHA256_CBLOCK)
    /// Of what is put down.
    static let savedBytes = Int(SHA256_DIGEST_LENGTH) + MemoryLayout<Int64>.size

    private var context = SHA256_CTX()
    /// Of how many bytes it is.
    private(set) var count: Int64 = 0

    /// Of nothing.
    init() { SHA256_Init(&context) }

    /// Takes up what was put down; nil when these bytes are something else.
    init?(saved bytes: [UInt8]) {
        guard bytes.count == Self.savedBytes else { return nil }
        let number = bytes[Int(SHA256_DIGEST_LENGTH)...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let (bits, isTooLong) = number.multipliedReportingOverflow(by: 8)
        guard !isTooLong, let count = Int64(exactly: number), count % Self.blockBytes == 0 else { return nil }
        self.init()
        self.count = count
        context.Nl = UInt32(truncatingIfNeeded: bits)
        context.Nh = UInt32(truncatingIfNeeded: bits >> 32)
        withUnsafeMutableBytes(of: &context.h) { words in
            words.copyBytes(from: bytes.prefix(words.count))
            words.withMemoryRebound(to: UInt32.self) { words in
                for index in words.indices { words[index] = UInt32(bigEndian: words[index]) }
            }
        }
    }

    /// What can be put down: the state after the last whole block, and how many bytes that were.
    var saved: [UInt8] {
        let words = withUnsafeBytes(of: context.h) { $0.withMemoryRebound(to: UInt32.self) { $0.map(\.bigEndian) } }
        return words.withUnsafeBytes(Array.init)
            + withUnsafeBytes(of: (count - count % Self.blockBytes).bigEndian, Array.init)
    }

    /// Adds what follows.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += Int64(bytes.count)
        SHA256_Update(&context, bytes.baseAddress, bytes.count)
    }

    /// 64 lower-case hexadecimal digits.
    var hexadecimal: String {
        var context = context
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        SHA256_Final(&digest, &context)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
