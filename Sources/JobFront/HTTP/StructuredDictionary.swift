/// A dictionary of RFC 9651, as some headers are: its keys, and those of their values that jobd looks at.
///
/// Parses by the RFC's rules, so that a member that nobody wants, whatever is in it, changes nothing.
struct StructuredDictionary: Hashable, Sendable {
    enum Value: Hashable, Sendable {
        /// The base64 text between the colons, of characters that base64 has.
        case bytes(String)
        /// Of another type.
        case other
    }

    private(set) var members: [String: Value] = [:]

    /// Nil when the text is not a dictionary.
    init?(_ text: String) {
        var parser = Parser(rest: Array(text.utf8)[...])
        parser.skip(" ")
        while !parser.isAtEnd {
            guard let key = parser.key() else { return nil }
            var value = Value.other
            if parser.take("=") {
                guard let found = parser.member() else { return nil }
                value = found
            }
            guard parser.parameters() else { return nil }
            // The last of several counts.
            members[key] = value
            parser.skip(" \t")
            if parser.isAtEnd { return }
            guard parser.take(",") else { return nil }
            parser.skip(" \t")
            if parser.isAtEnd { return nil }
        }
    }

    private struct Parser {
        var rest: ArraySlice<UInt8>

        var isAtEnd: Bool { rest.isEmpty }

        mutating func skip(_ bytes: StaticString) { _ = text { bytes.has($0) } }

        mutating func take(_ byte: Character) -> Bool {
            guard rest.first == byte.asciiValue else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func text(_ isPart: (UInt8) -> Bool) -> String {
            let part = rest.prefix(while: isPart)
            rest = rest[part.endIndex...]
            return String(decoding: part, as: UTF8.self)
        }

        mutating func key() -> String? {
            guard let first = rest.first, Byte.isLower(first) || first == UInt8(ascii: "*") else { return nil }
            return text { Byte.isLower($0) || Byte.isDigit($0) || ("_-.*" as StaticString).has($0) }
        }

        mutating func member() -> Value? {
            guard take("(") else { return item() }
            while true {
                skip(" ")
                if take(")") { return .other }
                guard item() != nil, parameters(), rest.first.map({ (" )" as StaticString).has($0) }) == true else {
                    return nil
                }
            }
        }

        mutating func parameters() -> Bool {
            while take(";") {
                skip(" ")
                guard key() != nil else { return false }
                if take("=") { guard item() != nil else { return false } }
            }
            return true
        }

        private mutating func item() -> Value? {
            switch rest.first {
            case UInt8(ascii: ":"):
                rest.removeFirst()
                let base64 = text { Byte.isLetter($0) || Byte.isDigit($0) || ("+/=" as StaticString).has($0) }
                return take(":") ? .bytes(base64) : nil
            case UInt8(ascii: "\""): return string() ? .other : nil
            case UInt8(ascii: "%"):
                rest.removeFirst()
                return string() ? .other : nil
            case UInt8(ascii: "?"):
                rest.removeFirst()
                return take("0") || take("1") ? .other : nil
            case UInt8(ascii: "@"):
                rest.removeFirst()
                return number() ? .other : nil
            case let byte? where Byte.isDigit(byte) || byte == UInt8(ascii: "-"): return number() ? .other : nil
            case let byte? where Byte.isLetter(byte) || byte == UInt8(ascii: "*"):
                _ = text { Byte.isLetter($0) || Byte.isDigit($0) || ("!#$%&'*+-.^_`|~:/" as StaticString).has($0) }
                return .other
            default: return nil
            }
        }

        private mutating func string() -> Bool {
            guard take("\"") else { return false }
            while let byte = rest.popFirst() {
                switch byte {
                case UInt8(ascii: "\""): return true
                case UInt8(ascii: "\\"):
                    guard let next = rest.popFirst(), ("\"\\" as StaticString).has(next) else { return false }
                case 0x20...0x7E: break
                default: return false
                }
            }
            return false
        }

        private mutating func number() -> Bool {
            _ = take("-")
            let whole = text(Byte.isDigit)
            guard (1...15).contains(whole.utf8.count) else { return false }
            guard take(".") else { return true }
            return whole.utf8.count <= 12 && (1...3).contains(text(Byte.isDigit).utf8.count)
        }
    }

    private enum Byte {
        static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
        static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        static func isLetter(_ byte: UInt8) -> Bool { isLower(byte | 0x20) }
    }
}

extension StaticString {
    fileprivate func has(_ byte: UInt8) -> Bool {
        withUTF8Buffer { $0.contains(byte) }
    }
}
