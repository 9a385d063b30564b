import JobModel

/// What a line of a step's output means.
///
/// ```
/// ::progress 40 Extracting page 4 of 10
/// ::result pages=10
/// ::artifact page-4.png image/png
/// ::warning The font Helvetica is missing
/// ```
///
/// Everything else, and what looks like one of these but cannot be read, is a line of the log.
enum StepWord: Hashable {
    case progress(Double, message: String?)
    case result(key: String, JSONValue)
    case artifact(ArtifactName, mediaType: String)
    case warning(String)
    case line(String)

    init(_ line: String) {
        self = Self.read(line) ?? .line(line)
    }

    private static func read(_ line: String) -> StepWord? {
        guard line.hasPrefix("::") else { return nil }
        let parts = line.dropFirst(2).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "progress":
            let words = parts[1].split(separator: " ", maxSplits: 1).map(String.init)
            guard let percent = words.first.flatMap(Double.init), (0...100).contains(percent) else { return nil }
            return .progress(percent, message: words.count > 1 ? Text.limited(words[1]) : nil)
        case "result":
            let pair = parts[1].split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, !pair[0].isEmpty, let value = try? JSONValue.parse(pair[1]),
                value.depth < JSONValue.maximumDepth
            else { return nil }
            return .result(key: pair[0], value)
        case "artifact":
            let words = parts[1].split(separator: " ").map(String.init)
            guard words.count == 2, let name = ArtifactName(words[0]), isMediaType(words[1]) else { return nil }
            return .artifact(name, mediaType: words[1])
        case "warning": return .warning(parts[1])
        default: return nil
        }
    }

    /// Whether a text is `TYPE/SUBTYPE`, both of the characters of RFC 6838.
    private static func isMediaType(_ text: String) -> Bool {
        let names = text.split(separator: "/", omittingEmptySubsequences: false)
        return names.count == 2
            && names.allSatisfy { name in
                (1...127).contains(name.utf8.count) && name.utf8.first.map(isAlphanumeric) == true
                    && name.utf8.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }

    /// What a line `LABEL: VALUE` says: whole numbers, `yes` and `no` are values of their kind, anything else is text.
    static func fact(_ line: String) -> (label: String, value: JSONValue)? {
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let label = trimmed(line[..<colon])
        let value = trimmed(line[line.index(after: colon)...])
        return switch value {
        case "yes": (label, true)
        case "no": (label, false)
        default: (label, Int64(value).map { JSONValue($0) } ?? .string(Text.limited(value)))
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}

/// Texts from below, made to fit.
enum Text {
    /// At most ``Limits/textBytes``, without U+0000.
    static func limited(_ text: String) -> String {
        var limited = text.replacing("\0", with: "\u{FFFD}")
        while limited.utf8.count > Limits.textBytes { limited.removeLast() }
        return limited
    }

    /// The end of what a program complained of: at most 16 KiB, as much as an application may report.
    static func cause(_ lines: [String]) -> String? {
        let text = lines.joined(separator: "\n").replacing("\0", with: "\u{FFFD}")
        let end = text.utf8.suffix(16 * 1024).drop { $0 & 0xC0 == 0x80 }
        return end.isEmpty ? nil : String(decoding: end, as: UTF8.self)
    }
}

/// Whether a byte is an ASCII letter or digit.
func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default: false
    }
}
