/// The parameters of a header such as `form-data; name="a"; filename="b"`.
enum HeaderParameters {
    /// Who escapes what in a quoted value.
    enum Escapes {
        /// Everything by a backslash, as RFC 9110 has it.
        case all
        /// In a form: browsers nothing by a backslash; other programs quotes, and then backslashes, too.
        case inForms
    }

    /// What is behind the first semicolon, names in lower case; a quoted value loses its quotes and its escapes.
    ///
    /// By scalars: a quote with an accent on it, from a name that begins with one, is still a quote.
    static func parse(_ header: String, escapes: Escapes = .all) -> [(String, String)] {
        var pieces = [Piece()]
        var isQuoted = false
        var rest = header.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            if isQuoted, scalar == "\\", let next = rest.first, isEscaped(next, rest.dropFirst(), escapes) {
                rest = rest.dropFirst()
                pieces[pieces.count - 1].add(next, isEscaped: true)
            } else if scalar == "\"" {
                isQuoted.toggle()
            } else if scalar == ";", !isQuoted {
                pieces.append(Piece())
            } else {
                pieces[pieces.count - 1].add(scalar, isEscaped: false)
            }
        }
        return pieces.dropFirst().compactMap { $0.parameter(escapes) }
    }

    /// Whether the character behind a backslash is escaped by it.
    ///
    /// A quote behind which none follows ends its value: the backslash is the last character of a name that a browser sent.
    private static func isEscaped(
        _ scalar: Unicode.Scalar, _ rest: Substring.UnicodeScalarView, _ escapes: Escapes
    ) -> Bool {
        switch escapes {
        case .all: true
        case .inForms: scalar == "\"" && rest.contains("\"")
        }
    }

    /// What stands between two semicolons.
    private struct Piece {
        private var text = String.UnicodeScalarView()
        private var hasEscapes = false

        mutating func add(_ scalar: Unicode.Scalar, isEscaped: Bool) {
            text.append(scalar)
            hasEscapes = hasEscapes || isEscaped
        }

        /// Its name and its value; nil when it has none.
        func parameter(_ escapes: Escapes) -> (String, String)? {
            guard let mark = text.firstIndex(of: "=") else { return nil }
            let name = String(text[..<mark]).filter { $0 != " " && $0 != "\t" }.lowercased()
            let value = String(text[text.index(after: mark)...].drop { $0 == " " })
            // Who escapes quotes escapes backslashes, too.
            let isEscapedOnceMore = escapes == .inForms && hasEscapes
            return (name, isEscapedOnceMore ? value.replacing("\\\\", with: "\\") : value)
        }
    }
}
