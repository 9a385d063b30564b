import JSON
import JobModel

/// Counts what people call the length of a text, and keeps its beginning.
struct TextStatistics {
    /// Characters of the excerpt.
    static let excerptLength = 500

    private var pages = 0
    private var lines = 0
    private var words = 0
    private var characters = 0
    private var isInWord = false
    private var excerpt = ""
    private var excerptCount = 0

    /// What was counted, without `pages` when the text has none.
    var result: JSONObject {
        var json: JSONObject = [
            "lines": JSONValue(lines), "words": JSONValue(words), "characters": JSONValue(characters),
        ]
        if pages > 0 { json["pages"] = JSONValue(pages) }
        if !excerpt.isEmpty { json["excerpt"] = .string(excerpt) }
        return json
    }

    mutating func add(_ scalar: Unicode.Scalar) {
        // A form feed ends each page of a text that was made of pages.
        if scalar == "\u{C}" { pages += 1 } else { characters += 1 }
        if scalar == "\n" { lines += 1 }
        let isSpace = scalar.properties.isWhitespace
        if !isSpace, !isInWord {
            words += 1
            if !excerpt.isEmpty { quote(" ") }
        }
        isInWord = !isSpace
        if !isSpace, scalar.properties.generalCategory != .control { quote(scalar) }
    }

    private mutating func quote(_ scalar: Unicode.Scalar) {
        guard excerptCount < Self.excerptLength else { return }
        excerpt.unicodeScalars.append(scalar)
        excerptCount += 1
    }
}
