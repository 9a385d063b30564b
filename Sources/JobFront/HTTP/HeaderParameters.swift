/// The parameters of a header such as `form-data; name="a"; filename="b"`.
enum HeaderParameters {
    /// What is behind the first semicolon, names in lower case; a quoted value loses its quotes and, where there are such,
    /// its escapes by a backslash.
    static func parse(_ header: String, hasEscapes: Bool = true) -> [(String, String)] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header {
            if isEscaped {
                pieces[pieces.count - 1].append(character)
                isEscaped = false
            } else if isQuoted, hasEscapes, character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                isQuoted.toggle()
            } else if character == ";", !isQuoted {
                pieces.append("")
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces.dropFirst().compactMap { piece in
            guard let mark = piece.firstIndex(of: "=") else { return nil }
            let name = piece[..<mark].filter { $0 != " " && $0 != "\t" }.lowercased()
            return (name, String(piece[piece.index(after: mark)...].drop { $0 == " " }))
        }
    }
}
