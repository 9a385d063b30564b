import JobModel

/// What a line of a step's output means.
///
/// ```
/// ::progress 40 Extracting page 4 of 10
/// ::result pages=10
/// ::warning The font Helvetica is missing
/// ```
///
/// Everything else, and what looks like one of these but cannot be read, is a line of the log.
enum StepWord: Hashable {
    case progress(Double, message: String?)
    case result(key: String, JSONValue)
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
        case "warning": return .warning(parts[1])
        default: return nil
        }
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
