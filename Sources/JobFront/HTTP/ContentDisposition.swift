/// RFC 6266: the file name that a sender suggests, as it was written; whoever stores it makes it safe.
enum ContentDisposition {
    /// `filename*` before `filename`; nil when there is neither.
    static func fileName(_ header: String?) -> String? {
        guard let header else { return nil }
        var plain: String?
        for (name, value) in parameters(header) {
            switch name {
            case "filename*": if let text = extended(value) { return text }
            case "filename": plain = value
            default: break
            }
        }
        return plain
    }

    /// RFC 8187: `UTF-8''percent-encoded`.
    private static func extended(_ value: String) -> String? {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return PercentEncoding.decode(parts[2].utf8)
    }

    /// The parameters behind the disposition's type; a quoted value loses its quotes and escapes.
    private static func parameters(_ header: String) -> [(String, String)] {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for character in header {
            if isEscaped {
                pieces[pieces.count - 1].append(character)
                isEscaped = false
            } else if isQuoted, character == "\\" {
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
