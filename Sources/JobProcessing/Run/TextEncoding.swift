/// How a text is written in bytes.
enum TextEncoding: Hashable, Sendable {
    case utf8, utf16LittleEndian, utf16BigEndian, utf32LittleEndian, utf32BigEndian
    /// What Windows and most old programs of Western Europe write; a superset of Latin-1's letters.
    case windows1252

    /// What a mark at the beginning names, and how many bytes the mark has; nil without a mark.
    static func marked(_ beginning: some Sequence<UInt8>) -> (encoding: TextEncoding, byteCount: Int)? {
        let bytes = Array(beginning.prefix(4))
        // The mark of UTF-32 begins with that of UTF-16.
        return switch bytes {
        case [0xFF, 0xFE, 0, 0]: (.utf32LittleEndian, 4)
        case [0, 0, 0xFE, 0xFF]: (.utf32BigEndian, 4)
        case _ where bytes.starts(with: [0xEF, 0xBB, 0xBF]): (.utf8, 3)
        case _ where bytes.starts(with: [0xFF, 0xFE]): (.utf16LittleEndian, 2)
        case _ where bytes.starts(with: [0xFE, 0xFF]): (.utf16BigEndian, 2)
        default: nil
        }
    }
}
