/// RFC 6266: the file name that a sender suggests, as it was written; whoever stores it makes it safe.
enum ContentDisposition {
    /// `filename*` before `filename`; nil when there is neither.
    static func fileName(_ header: String?) -> String? {
        guard let header else { return nil }
        var plain: String?
        for (name, value) in HeaderParameters.parse(header) {
            switch name {
            case "filename*": if let text = extended(value) { return text }
            case "filename": plain = value
            default: break
            }
        }
        return plain
    }

    /// RFC 7578, as browsers write it: a part's name, and its file name if it is a file; nil when it has no name.
    ///
    /// Browsers escape a quote and a line's end by percent, and nothing by a backslash; Go, Ruby and old versions of curl
    /// escape a quote by a backslash.
    static func form(_ header: String) -> (name: String, fileName: String?)? {
        guard header.split(separator: ";").first?.lowercased().filter({ $0 != " " }) == "form-data" else { return nil }
        var name: String?
        var fileName: String?
        for (key, value) in HeaderParameters.parse(header, escapes: .inForms) {
            let text = value.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
            switch key {
            case "name": name = text
            case "filename": fileName = fileName ?? text
            // A name that cannot be read still makes a file of the part.
            case "filename*": fileName = extended(value) ?? fileName ?? ""
            default: break
            }
        }
        return name.map { ($0, fileName) }
    }

    /// RFC 8187: `UTF-8''percent-encoded`.
    private static func extended(_ value: String) -> String? {
        let parts = value.split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].lowercased() == "utf-8" else { return nil }
        return PercentEncoding.decode(parts[2].utf8)
    }
}
