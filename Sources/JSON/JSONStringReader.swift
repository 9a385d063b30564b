/// Reads what stands between the quotes of a string, from `index`, which then is behind the closing one.
struct JSONStringReader {
    let bytes: UnsafeRawBufferPointer
    private(set) var index: Int
    private(set) var hasEscapes = false

    init(bytes: UnsafeRawBufferPointer, index: Int) {
        self.bytes = bytes
        self.index = index
    }

    mutating func read() throws(JSONError) -> String {
        let start = index
        var text: [UInt8] = []
        while true {
            let plain = index
            index = bytes.plainText(from: plain).end
            text.append(contentsOf: bytes[plain..<index])
            guard index < bytes.count, bytes[index] >= 0x20 else { throw error(.syntax) }
            index += 1
            if bytes[index - 1] == UInt8(ascii: "\"") { break }
            hasEscapes = true
            text.append(contentsOf: try escape().utf8)
        }
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(reason: .invalidText, offset: start)
        }
        return string
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard index < bytes.count else { throw error(.syntax) }
        let byte = bytes[index]
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error(.syntax)
        }
    }

    /// The scalar of `\uXXXX`, or of two that form a surrogate pair.
    private mutating func unicodeEscape() throws(JSONError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(UInt16(first)), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
            throw error(.invalidText)
        }
        let second = try hexadecimal()
        guard UTF16.isTrailSurrogate(UInt16(second)),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw error(.invalidText) }
        return scalar
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw error(.syntax) }
            let byte = UInt32(bytes[index])
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | byte & 15
            case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"):
                value = value << 4 | (byte & 15 + 9)
            default: throw error(.syntax)
            }
            index += 1
        }
        return value
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}
