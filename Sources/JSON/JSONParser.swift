extension JSONValue {
    /// The most levels of arrays and objects in each other that a value may have which is kept.
    package static let maximumDepth = 64
    /// The most levels of a text that is read: those of a kept value, and those of what carries it (a batch, a request,
    /// its parameters; a reply, a page, a job).
    package static let maximumTextDepth = maximumDepth + 8

    /// Reads one JSON text and nothing after it.
    ///
    /// Refuses what RFC 8259 leaves open: duplicate keys, lone surrogates, invalid UTF-8 and more than
    /// ``maximumTextDepth`` levels.
    package static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        return try parser.document()
    }

    package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        let outcome =
            bytes.withContiguousStorageIfAvailable { result(of: UnsafeRawBufferPointer($0)) }
            ?? Array(bytes).withUnsafeBytes(result(of:))
        return try outcome.get()
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(text.utf8) }

    private static func result(of bytes: UnsafeRawBufferPointer) -> Result<JSONValue, JSONError> {
        Result { () throws(JSONError) in try parse(bytes) }
    }
}

/// A recursive-descent reader over bytes that outlive it.
private struct JSONParser {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw error(.syntax) }
        return value
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        Steps.count()
        guard index < bytes.count else { throw error(.syntax) }
        switch bytes[index] {
        case UInt8(ascii: "{"): return try object(depth: depth + 1)
        case UInt8(ascii: "["): return try array(depth: depth + 1)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= JSONValue.maximumTextDepth else { throw error(.tooDeep) }
        index += 1
        var object = JSONObject()
        guard !next(is: UInt8(ascii: "}")) else { return .object(object) }
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw error(.syntax) }
            let start = index
            let key = try string()
            guard next(is: UInt8(ascii: ":")) else { throw error(.syntax) }
            let value = try value(depth: depth)
            guard object.insert(key, value) else { throw JSONError(reason: .duplicateKey, offset: start) }
        } while next(is: UInt8(ascii: ","))
        guard next(is: UInt8(ascii: "}")) else { throw error(.syntax) }
        return .object(object)
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= JSONValue.maximumTextDepth else { throw error(.tooDeep) }
        index += 1
        var elements: [JSONValue] = []
        guard !next(is: UInt8(ascii: "]")) else { return .array([]) }
        repeat { elements.append(try value(depth: depth)) } while next(is: UInt8(ascii: ","))
        guard next(is: UInt8(ascii: "]")) else { throw error(.syntax) }
        return .array(elements)
    }

    /// Takes a mark after optional space; leaves everything else alone.
    private mutating func next(is mark: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == mark else { return false }
        index += 1
        return true
    }

    private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw error(.syntax) }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] {
            throw error(.syntax)
        }
        index = end
        return value
    }

    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            try digits()
        }
        return .number(String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<index]), as: UTF8.self))
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard index > start else { throw error(.syntax) }
    }

    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func string() throws(JSONError) -> String {
        let start = index + 1
        // Nearly every byte of a request goes through this loop.
        var end = start
        var seen: UInt8 = 0
        while end < bytes.count, case let byte = bytes[end], byte >= 0x20, byte != UInt8(ascii: "\""),
            byte != UInt8(ascii: "\\")
        {
            seen |= byte
            end += 1
        }
        index = end
        guard end < bytes.count else { throw error(.syntax) }
        switch bytes[end] {
        case UInt8(ascii: "\""):
            index += 1
            let text = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            // Nearly every string is ASCII, about which there is nothing to check.
            return seen < 0x80 ? String(decoding: text, as: UTF8.self) : try validated(text, at: start)
        case UInt8(ascii: "\\"): return try escapedString(from: start)
        default: throw error(.syntax)
        }
    }

    /// The rest of a string whose first escape is at `index`.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return try validated(text, at: start)
            case UInt8(ascii: "\\"): text.append(contentsOf: Array(String(try escape()).utf8))
            case 0..<0x20: throw error(.syntax)
            default: text.append(byte)
            }
        }
        throw error(.syntax)
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
            guard index < bytes.count, let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else {
                throw error(.syntax)
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private func validated(_ text: some Sequence<UInt8>, at offset: Int) throws(JSONError) -> String {
        guard let string = String(validating: text, as: UTF8.self) else {
            throw JSONError(reason: .invalidText, offset: offset)
        }
        return string
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }

    private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}
