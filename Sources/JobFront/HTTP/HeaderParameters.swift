/// The parameters of a header such as `form-data; name="a"; filename="b"`.
enum HeaderParameters {
    /// What is behind the first semicolon, names in lower case; a quoted value loses its quotes and, where there are such,
    /// its escapes by a backslash.
    ///
    /// By scalars: a quote with an accent on it, from a name that begins with one, is still a quote.
    static func parse(_ header: String, hasEscapes: Bool = true) -> [(String, String)] {
        var pieces = [String.UnicodeScalarView()]
        var isQuoted = false
        var isEscaped = false
        for scalar in header.unicodeScalars {
            if isEscaped {
                pieces[pieces.count - 1].append(scalar)
                isEscaped = false
            } else if isQuoted, hasEscapes, scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isQuoted.toggle()
            } else if scalar == ";", !isQuoted {
                pieces.append(String.UnicodeScalarView())
            } else {
                pieces[pieces.count - 1].append(scalar)
            }
        }
        return pieces.dropFirst().compactMap { piece in
            guard let mark = piece.firstIndex(of: "=") else { return nil }
            let name = String(piece[..<mark]).filter { $0 != " " && $0 != "\t" }.lowercased()
            return (name, String(piece[piece.index(after: mark)...].drop { $0 == " " }))
        }
    }
}
