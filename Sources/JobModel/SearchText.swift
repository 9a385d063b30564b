/// What somebody looks for in names and messages: letters of either case, however they are composed.
package struct SearchText: Sendable {
    private let folded: String
    /// The bytes, when there are only ASCII ones.
    private let bytes: [UInt8]?

    /// Prepares a text to be looked for; an empty one is in every text.
    package init(_ text: String) {
        folded = Self.fold(text)
        bytes = folded.utf8.allSatisfy { $0 < 0x80 } ? Array(folded.utf8) : nil
    }

    /// Whether a text has this in it.
    package func isIn(_ text: String) -> Bool {
        guard text.utf8.contains(where: { $0 >= 0x80 }) else { return bytes.map { Self.find($0, in: text) } ?? false }
        return folded.isEmpty || Self.fold(text).contains(folded)
    }

    /// Whether an id begins with this.
    package func begins(_ id: JobID) -> Bool {
        guard let bytes, bytes.count <= id.description.utf8.count else { return false }
        return zip(bytes, id.description.utf8).allSatisfy { $0 == Self.lowercase($1) }
    }

    /// A `Character` is the same however it is composed.
    private static func fold(_ text: String) -> String {
        let lower = text.lowercased()
        // A word's last sigma, which is not another letter.
        return lower.unicodeScalars.contains("ς") ? String(lower.map { $0 == "ς" ? "σ" : $0 }) : lower
    }

    private static func find(_ bytes: [UInt8], in text: String) -> Bool {
        guard let first = bytes.first else { return true }
        var text = text
        return text.withUTF8 { text in
            guard text.count >= bytes.count else { return false }
            for start in 0...(text.count - bytes.count) where lowercase(text[start]) == first {
                if bytes.indices.allSatisfy({ lowercase(text[start + $0]) == bytes[$0] }) { return true }
            }
            return false
        }
    }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
