package import JSON

/// What a step says with a line, on the pipe `JOBD_REPORTS`.
///
/// ```
/// ::progress 40 Extracting page 4 of 10
/// ::result pages=10
/// ::artifact page-4.png image/png
/// ::warning The font Helvetica is missing
/// ::error The document has no pages.
/// ::retry-after 30
/// ```
///
/// Everything else is a line of the log.
package enum StepWord: Hashable, Sendable {
    case progress(Double, message: String?)
    case result(key: String, JSONValue)
    case artifact(ArtifactName, mediaType: String)
    case warning(String)
    /// What people are told when the step fails.
    case error(String)
    /// How long the next attempt waits at least, when the step fails.
    case retryAfter(Duration)
    /// A word that cannot be read, and how it is written.
    case misread(String, usage: String)
    case line(String)

    /// The longest wait that a step may ask for.
    package static let longestWait = 30 * 86_400

    /// Reads a line without its line feed; what cannot be understood is ``misread(_:usage:)``.
    package init(_ line: String) {
        guard let (name, rest) = Self.word(in: line) else {
            self = .line(line)
            return
        }
        let (word, usage) = Self.read(name, rest)
        self = word ?? .misread(Text.limited(line), usage: usage)
    }

    /// The name and the rest of `::NAME REST`; nil when the line is not of this form.
    private static func word(in line: String) -> (name: Substring, rest: String)? {
        guard line.hasPrefix("::") else { return nil }
        let parts = line.dropFirst(2).split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty,
            name.utf8.allSatisfy({ (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") })
        else { return nil }
        return (name, parts.count > 1 ? String(parts[1]) : "")
    }

    private static func read(_ name: Substring, _ rest: String) -> (StepWord?, usage: String) {
        switch name {
        case "progress": (progress(rest), "::progress PERCENT MESSAGE, with a percent from 0 to 100")
        case "result": (result(rest), "::result KEY=VALUE, with a value in JSON")
        case "artifact": (artifact(rest), "::artifact NAME TYPE/SUBTYPE")
        case "warning": (rest.isEmpty ? nil : .warning(rest), "::warning TEXT")
        case "error": (sentence(rest).map { .error($0) }, "::error SENTENCE")
        case "retry-after": (wait(rest), "::retry-after SECONDS, from 0 to \(longestWait)")
        default: (nil, "one of progress, result, artifact, warning, error and retry-after")
        }
    }

    private static func progress(_ text: String) -> StepWord? {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        guard let percent = words.first.flatMap(Double.init), (0...100).contains(percent) else { return nil }
        return .progress(percent, message: words.count > 1 ? Text.limited(words[1]) : nil)
    }

    private static func result(_ text: String) -> StepWord? {
        let pair = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard pair.count == 2, !pair[0].isEmpty, let value = try? JSONValue.parse(pair[1]),
            value.depth < JSONValue.maximumDepth
        else { return nil }
        return .result(key: pair[0], value)
    }

    private static func artifact(_ text: String) -> StepWord? {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 2, let name = ArtifactName(words[0]), isMediaType(words[1]) else { return nil }
        return .artifact(name, mediaType: words[1])
    }

    private static func sentence(_ text: String) -> String? {
        text.allSatisfy(\.isWhitespace) ? nil : Text.limited(text)
    }

    private static func wait(_ text: String) -> StepWord? {
        guard let seconds = Int(text), (0...longestWait).contains(seconds) else { return nil }
        return .retryAfter(.seconds(seconds))
    }

    /// Whether a text is `TYPE/SUBTYPE`, both of the characters of RFC 6838.
    package static func isMediaType(_ text: String) -> Bool {
        let names = text.split(separator: "/", omittingEmptySubsequences: false)
        return names.count == 2
            && names.allSatisfy { name in
                (1...127).contains(name.utf8.count) && name.utf8.first.map(isAlphanumeric) == true
                    && name.utf8.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
            }
    }
}
