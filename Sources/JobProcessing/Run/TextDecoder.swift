/// Turns the bytes of a text, cut anywhere, into its characters; what is not text becomes U+FFFD.
struct TextDecoder {
    private let encoding: TextEncoding
    private var tail = UTF8Tail()
    /// The bytes of a unit that the last piece cut.
    private var rest: [UInt8] = []
    /// The first half of a pair of UTF-16.
    private var high: UInt32?

    init(_ encoding: TextEncoding) {
        self.encoding = encoding
    }

    mutating func add(_ bytes: some Collection<UInt8>, onScalar: (Unicode.Scalar) -> Void) {
        switch encoding {
        case .utf8: String(decoding: tail.whole(bytes), as: UTF8.self).unicodeScalars.forEach(onScalar)
        case .windows1252: for byte in bytes { onScalar(Self.windows1252(byte)) }
        case .utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian:
            for byte in bytes { if let unit = unit(with: byte) { add(unit, onScalar: onScalar) } }
        }
    }

    /// Hands over what the end of the text cuts.
    mutating func finish(onScalar: (Unicode.Scalar) -> Void) {
        if case .utf8 = encoding {
            String(decoding: tail.rest, as: UTF8.self).unicodeScalars.forEach(onScalar)
            tail = UTF8Tail()
        }
        if high != nil || !rest.isEmpty { onScalar("\u{FFFD}") }
        high = nil
        rest = []
    }

    /// The unit that a byte completes.
    private mutating func unit(with byte: UInt8) -> UInt32? {
        rest.append(byte)
        let isWide = encoding == .utf32LittleEndian || encoding == .utf32BigEndian
        guard rest.count == (isWide ? 4 : 2) else { return nil }
        defer { rest.removeAll(keepingCapacity: true) }
        let isLittle = encoding == .utf32LittleEndian || encoding == .utf16LittleEndian
        return (isLittle ? rest.reversed() : rest).reduce(0) { $0 << 8 | UInt32($1) }
    }

    private mutating func add(_ unit: UInt32, onScalar: (Unicode.Scalar) -> Void) {
        let isPaired = encoding == .utf16LittleEndian || encoding == .utf16BigEndian
        if let first = high {
            high = nil
            if (0xDC00...0xDFFF).contains(unit) {
                let value = 0x10000 + ((first - 0xD800) << 10) + (unit - 0xDC00)
                return onScalar(Unicode.Scalar(value) ?? "\u{FFFD}")
            }
            onScalar("\u{FFFD}")
        }
        if isPaired, (0xD800...0xDBFF).contains(unit) {
            high = unit
        } else {
            onScalar(Unicode.Scalar(unit) ?? "\u{FFFD}")
        }
    }

    private static func windows1252(_ byte: UInt8) -> Unicode.Scalar {
        (0x80...0x9F).contains(byte) ? special[Int(byte) - 0x80] : Unicode.Scalar(byte)
    }

    /// 0x80 to 0x9F; five of them are controls, as browsers have it.
    private static let special: [Unicode.Scalar] = [
        "\u{20AC}", "\u{81}", "\u{201A}", "\u{192}", "\u{201E}", "\u{2026}", "\u{2020}", "\u{2021}",
        "\u{2C6}", "\u{2030}", "\u{160}", "\u{2039}", "\u{152}", "\u{8D}", "\u{17D}", "\u{8F}",
        "\u{90}", "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{2022}", "\u{2013}", "\u{2014}",
        "\u{2DC}", "\u{2122}", "\u{161}", "\u{203A}", "\u{153}", "\u{9D}", "\u{17E}", "\u{178}",
    ]
}
