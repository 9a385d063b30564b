import Glibc
package import NIOCore

/// Finds members of a JSON object without reading the rest of it.
///
/// For texts that jobd wrote itself: a reply's result is handed on as bytes, so a job is encoded once in the daemon and
/// never decoded in a front. A text that is not well formed gives at most the members before its fault, never an access
/// out of bounds.
package enum JSONSlices {
    /// Calls `visit` with each member of the object: its key without quotes, and its value's bytes.
    ///
    /// Keys with escapes are given as they are written. `visit` returns false to end the walk.
    package static func members(
        of object: ByteBufferView, visit: (_ key: ByteBufferView, _ value: ByteBufferView) -> Bool
    ) {
        object.withUnsafeBytes { bytes in
            var scanner = Scanner(bytes: bytes)
            let start = object.startIndex
            scanner.walk { key, value in
                visit(
                    object[start + key.lowerBound..<start + key.upperBound],
                    object[start + value.lowerBound..<start + value.upperBound])
            }
        }
    }

    /// The value of the first member with this key.
    package static func member(_ key: StaticString, of object: ByteBufferView) -> ByteBufferView? {
        object.withUnsafeBytes { bytes in
            var scanner = Scanner(bytes: bytes)
            var found: Range<Int>?
            scanner.walk { name, value in
                guard bytes.isEqual(key, in: name) else { return true }
                found = value
                return false
            }
            let start = object.startIndex
            return found.map { object[start + $0.lowerBound..<start + $0.upperBound] }
        }
    }

    /// A member that is a whole number.
    package static func integer(_ key: StaticString, of object: ByteBufferView) -> Int64? {
        member(key, of: object).flatMap { Int64(String(decoding: $0, as: UTF8.self)) }
    }

    /// A member that is a string without escapes.
    package static func word(_ key: StaticString, of object: ByteBufferView) -> String? {
        guard let value = member(key, of: object), value.count >= 2, value.first == UInt8(ascii: "\"") else {
            return nil
        }
        return String(decoding: value.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func isEqual(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount, let start = baseAddress else { return false }
        return memcmp(start + range.lowerBound, text.utf8Start, range.count) == 0
    }
}

private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func walk(_ visit: (Range<Int>, Range<Int>) -> Bool) {
        guard take(UInt8(ascii: "{")) else { return }
        repeat {
            skipSpace()
            guard let key = string() else { return }
            guard take(UInt8(ascii: ":")) else { return }
            skipSpace()
            let start = index
            guard skipValue(), visit(key.lowerBound + 1..<key.upperBound - 1, start..<index) else { return }
        } while take(UInt8(ascii: ","))
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// The range of a string with its quotes.
    private mutating func string() -> Range<Int>? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        let start = index
        // A local index: most of a text is in strings.
        var end = start + 1
        while end < bytes.count, case let byte = bytes[end], byte != UInt8(ascii: "\"") {
            end += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        index = min(end + 1, bytes.count)
        return end < bytes.count ? start..<index : nil
    }

    /// Moves behind one value; false at the end of the text.
    private mutating func skipValue() -> Bool {
        var depth = 0
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                if depth == 0 { return true }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index > start }
                depth -= 1
                if depth == 0 {
                    index += 1
                    return true
                }
            case UInt8(ascii: ","), 0x20, 0x0A, 0x0D, 0x09:
                if depth == 0 { return index > start }
            default: break
            }
            index += 1
        }
        return false
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return
            }
        }
    }
}
