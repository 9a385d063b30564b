/// Finds the line of each value in a TOML document that is known to be correct, because the library that reads it does
/// not tell: a walk over keys, brackets and quotes that looks at nothing else.
struct SourceLines {
    private var lines: [ConfigurationPath: Int] = [:]
    private var bytes: ArraySlice<UInt8>
    private var line = 1
    /// How many tables a `[[name]]` has had so far.
    private var counts: [ConfigurationPath: Int] = [:]

    /// From each key and each element of an array to its line, from 1.
    static func find(in text: String) -> [ConfigurationPath: Int] {
        var walk = SourceLines(bytes: Array(text.utf8)[...])
        walk.document()
        return walk.lines
    }

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private mutating func document() {
        var table = ConfigurationPath()
        while let byte = peek(acrossLines: true) {
            if byte == UInt8(ascii: "[") {
                table = header()
            } else {
                pair(in: table)
            }
        }
    }

    /// `[a.b]` or `[[a.b]]`.
    private mutating func header() -> ConfigurationPath {
        advance()
        let isElement = bytes.first == UInt8(ascii: "[")
        if isElement { advance() }
        var path = ConfigurationPath()
        let names = keys()
        for (position, name) in names.enumerated() {
            path = path.key(name)
            lines[path] = lines[path] ?? line
            if isElement, position == names.count - 1 { counts[path, default: 0] += 1 }
            if let count = counts[path] { path = path.index(count - 1) }
        }
        lines[path] = line
        while bytes.first == UInt8(ascii: "]") { advance() }
        return path
    }

    /// `a.b = value`.
    private mutating func pair(in table: ConfigurationPath) {
        let rest = bytes.count
        var path = table
        for name in keys() {
            path = path.key(name)
            lines[path] = lines[path] ?? line
        }
        if bytes.first == UInt8(ascii: "=") { advance() }
        value(at: path)
        // Never happens in a correct document; without it, an incorrect one would hold the walk up for ever.
        if bytes.count == rest { advance() }
    }

    private mutating func keys() -> [String] {
        var names: [String] = []
        while let byte = peek(acrossLines: false) {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                names.append(quoted())
            } else if ConfigurationPath.isBare(byte) {
                let name = bytes.prefix(while: ConfigurationPath.isBare)
                names.append(String(decoding: name, as: UTF8.self))
                bytes = bytes.dropFirst(name.count)
            } else if byte == UInt8(ascii: ".") {
                advance()
            } else {
                break
            }
        }
        return names
    }

    private mutating func value(at path: ConfigurationPath) {
        switch peek(acrossLines: false) {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            _ = quoted()
        case UInt8(ascii: "["):
            advance()
            var number = 0
            while let byte = peek(acrossLines: true), byte != UInt8(ascii: "]") {
                if byte == UInt8(ascii: ",") {
                    advance()
                } else {
                    lines[path.index(number)] = line
                    value(at: path.index(number))
                    number += 1
                }
            }
            advance()
        case UInt8(ascii: "{"):
            advance()
            while let byte = peek(acrossLines: true), byte != UInt8(ascii: "}") {
                if byte == UInt8(ascii: ",") { advance() } else { pair(in: path) }
            }
            advance()
        default:
            let ends = Array(",]}#\n".utf8)
            bytes = bytes.drop { !ends.contains($0) }
        }
    }

    /// The text between quotes, its escapes as they are written.
    private mutating func quoted() -> String {
        guard let quote = bytes.first else { return "" }
        let isLong = bytes.starts(with: [quote, quote, quote])
        let end = isLong ? [quote, quote, quote] : [quote]
        for _ in end { advance() }
        var text: [UInt8] = []
        while let byte = bytes.first, !bytes.starts(with: end) {
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                text.append(byte)
                advance()
            }
            if let byte = bytes.first { text.append(byte) }
            advance()
        }
        // A long string may end in up to two quotes of its own.
        while bytes.first == quote { advance() }
        return String(decoding: text, as: UTF8.self)
    }

    /// The next byte after spaces; across lines, also after comments.
    private mutating func peek(acrossLines: Bool) -> UInt8? {
        while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): advance()
            case UInt8(ascii: "\n") where acrossLines: advance()
            case UInt8(ascii: "#") where acrossLines: bytes = bytes.drop { $0 != UInt8(ascii: "\n") }
            default: return byte
            }
        }
        return nil
    }

    private mutating func advance() {
        if bytes.popFirst() == UInt8(ascii: "\n") { line += 1 }
    }
}
