import CJobSystem

/// The SHA-256 digest of the beginning of something, which can be put down and taken up again, by another process, too.
///
/// ``Digest`` is for what one thread hashes in one go.
struct RunningDigest {
    private static let blockBytes = Int(SHA256_BLOCK_BYTES)
    private static let digestBytes = 32
    /// Of what is put down.
    static let savedBytes = digestBytes + 8

    private var words = sha256_start()
    /// Of how many bytes it is.
    private(set) var count: Int64 = 0
    /// The last of them, which do not fill a block.
    private var tail: [UInt8] = []

    /// Of nothing.
    init() {}

    /// Takes up what was put down; nil when these bytes are something else.
    init?(saved bytes: [UInt8]) {
        guard bytes.count == Self.savedBytes else { return nil }
        words = sha256_take_up(bytes)
        let number = bytes[Self.digestBytes...].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let count = Int64(exactly: number), count % Int64(Self.blockBytes) == 0 else { return nil }
        self.count = count
    }

    /// What can be put down: the words, and of how many bytes they are, which are whole blocks.
    var saved: [UInt8] { Self.bytes(of: words) + Self.bytes(of: count - Int64(tail.count)) }

    /// Adds what follows.
    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        count += Int64(bytes.count)
        var rest = bytes[...]
        if !tail.isEmpty {
            let missing = rest.prefix(Self.blockBytes - tail.count)
            tail += missing
            rest = rest.dropFirst(missing.count)
            guard tail.count == Self.blockBytes else { return }
            sha256_take(&words, tail, 1)
            tail = []
        }
        let blocks = rest.count / Self.blockBytes
        let whole = UnsafeRawBufferPointer(rebasing: rest.prefix(blocks * Self.blockBytes))
        sha256_take(&words, whole.baseAddress, blocks)
        tail += rest.dropFirst(whole.count)
    }

    /// 64 lower-case hexadecimal digits.
    var hexadecimal: String {
        // What ends every message: a bit, as many zeros as fill a block, and its length in bits.
        var end = tail + [0x80]
        end += Array(repeating: 0, count: (2 * Self.blockBytes - 8 - end.count) % Self.blockBytes)
        end += Self.bytes(of: count << 3)
        var words = words
        sha256_take(&words, end, end.count / Self.blockBytes)
        return Digest.text(Self.bytes(of: words))
    }

    private static func bytes(of words: sha256_words) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digestBytes) { buffer, count in
            withUnsafePointer(to: words) { sha256_put_down($0, buffer.baseAddress) }
            count = digestBytes
        }
    }

    private static func bytes(of number: Int64) -> [UInt8] { withUnsafeBytes(of: number.bigEndian, Array.init) }
}
