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
    /// The beginning of a character that the last bytes cut.
    private var rest: [UInt8] = []

    /// Takes the next bytes of UTF-8, cut anywhere; each byte that is none counts as one character.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        let all = rest + bytes
        let end = all.count - Self.incompleteCount(all)
        rest = Array(all[end...])
        for scalar in String(decoding: all[..<end], as: UTF8.self).unicodeScalars { add(scalar) }
    }

    /// What was counted, without `pages` when the text has none; to be called last.
    mutating func finish() -> JSONObject {
        for scalar in String(decoding: rest, as: UTF8.self).unicodeScalars { add(scalar) }
        rest = []
        var json: JSONObject = [
            "lines": JSONValue(lines), "words": JSONValue(words), "characters": JSONValue(characters),
        ]
        if pages > 0 { json["pages"] = JSONValue(pages) }
        if !excerpt.isEmpty { json["excerpt"] = .string(excerpt) }
        return json
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
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

    /// How many bytes at the end begin a character without ending it.
    private static func incompleteCount(_ bytes: [UInt8]) -> Int {
        for (distance, byte) in bytes.reversed().prefix(3).enumerated() where byte & 0xC0 != 0x80 {
            let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
            return distance + 1 < length ? distance + 1 : 0
        }
        return 0
    }
}
