/// RFC 9110's name for one state of a resource.
enum EntityTag {
    /// A tag with its quotes.
    static func quoted(_ text: some CustomStringConvertible) -> String { "\"\(text)\"" }

    /// Whether an `If-None-Match` names the tag: `*`, or a list compared weakly.
    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return list(header).contains { $0 == "*" || $0 == tag || $0 == "W/" + tag }
    }

    /// The members of a list, whose commas may also stand in quotes.
    static func list(_ text: String) -> [String] {
        var members = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "," where !isQuoted: members.append("")
            case " " where !isQuoted, "\t" where !isQuoted: break
            default:
                if character == "\"" { isQuoted.toggle() }
                members[members.count - 1].append(character)
            }
        }
        return members
    }
}
