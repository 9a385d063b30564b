import Glibc

/// The list of what is in a ZIP archive, from its central directory; a small part of what APPNOTE.TXT allows.
///
/// Archives of more than 4 GiB or 65,535 entries have another list, which is not read.
struct ZipArchive {
    struct Entry {
        let method: Int
        let packedSize: Int
        /// Of its local header.
        let offset: Int
    }

    /// How an archive begins that is not empty.
    static let signature: [UInt8] = [0x50, 0x4B, 3, 4]

    /// More than this of the central directory is not looked at.
    private static let maximumDirectory = 1 << 20

    private let descriptor: CInt
    /// By name in lower case, with `/` between folders.
    private let entries: [String: Entry]

    /// Nil when there is no central directory at the end.
    init?(_ descriptor: CInt, byteCount: Int) {
        // The last record has 22 bytes, and a comment of up to 65,535.
        let tailSize = min(byteCount, 22 + 65_535)
        let tail = Bytes(descriptor, at: byteCount - tailSize, count: tailSize)
        guard let end = tail.last(Self.endSignature), let size = tail.number(4, at: end + 12),
            let offset = tail.number(4, at: end + 16), offset + size <= byteCount
        else { return nil }
        self.descriptor = descriptor
        let directory = Bytes(descriptor, at: offset, count: min(size, Self.maximumDirectory))
        entries = Self.entries(in: directory)
    }

    private static let endSignature: [UInt8] = [0x50, 0x4B, 5, 6]

    private static func entries(in directory: Bytes) -> [String: Entry] {
        var entries: [String: Entry] = [:]
        var position = 0
        while directory.number(4, at: position) == 0x0201_4B50, let method = directory.number(2, at: position + 10),
            let packedSize = directory.number(4, at: position + 20),
            let nameLength = directory.number(2, at: position + 28),
            let extraLength = directory.number(2, at: position + 30),
            let commentLength = directory.number(2, at: position + 32),
            let offset = directory.number(4, at: position + 42),
            let name = directory.text(at: position + 46, count: nameLength)
        {
            let plain = name.lowercased().replacing("\\", with: "/").drop { $0 == "/" }
            entries[String(plain)] = Entry(method: method, packedSize: packedSize, offset: offset)
            position += 46 + nameLength + extraLength + commentLength
        }
        return entries
    }

    /// The name in lower case.
    func entry(_ name: String) -> Entry? { entries[name] }

    func hasEntry(below folder: String) -> Bool { entries.keys.contains { $0.hasPrefix(folder) && $0 != folder } }

    /// The beginning of what an entry holds, without white space around it; nil when it cannot be read.
    func text(of entry: Entry, limit: Int) -> String? {
        let header = Bytes(descriptor, at: entry.offset, count: 30)
        guard header.number(4, at: 0) == 0x0403_4B50, let nameLength = header.number(2, at: 26),
            let extraLength = header.number(2, at: 28)
        else { return nil }
        let packed = Bytes(
            descriptor, at: entry.offset + 30 + nameLength + extraLength, count: min(entry.packedSize, limit)
        ).all
        let content: [UInt8]? =
            switch entry.method {
            case 0: packed
            case 8: Inflate.bytes(of: packed, limit: limit)
            default: nil
            }
        guard let content else { return nil }
        let text = String(decoding: content, as: UTF8.self).drop(while: \.isWhitespace)
        return text.lastIndex { !$0.isWhitespace }.map { String(text[...$0]) }
    }

    /// A piece of the archive.
    private struct Bytes {
        let all: [UInt8]

        init(_ descriptor: CInt, at offset: Int, count: Int) {
            all = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, initialized in
                initialized = max(0, pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
            }
        }

        /// A little-endian number; nil behind the end.
        func number(_ size: Int, at position: Int) -> Int? {
            guard position >= 0, position + size <= all.count else { return nil }
            return all[position..<position + size].reversed().reduce(0) { $0 << 8 | Int($1) }
        }

        func text(at position: Int, count: Int) -> String? {
            guard position + count <= all.count else { return nil }
            return String(decoding: all[position..<position + count], as: UTF8.self)
        }

        /// Where a signature stands last.
        func last(_ signature: [UInt8]) -> Int? {
            var position = all.count - signature.count
            while position >= 0 {
                if all[position...].starts(with: signature) { return position }
                position -= 1
            }
            return nil
        }
    }
}
