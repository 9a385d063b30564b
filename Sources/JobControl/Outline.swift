import JSON

/// A JSON value for people: a line for each member, what is below it further in.
enum Outline {
    /// The lines of a member, under its name.
    static func lines(_ name: String, _ value: JSONValue, indent: Int = 0) -> [String] {
        let margin = String(repeating: "  ", count: indent)
        let head = "\(margin)\(Output.printable(name)):"
        switch value {
        case .object(let object) where !object.members.isEmpty:
            return [head] + object.members.flatMap { lines($0.key, $0.value, indent: indent + 1) }
        case .array(let items) where items.contains { $0.object != nil }:
            return [head] + items.map { "\(margin)  - \(inline($0))" }
        case .string(let text) where text.contains(where: \.isNewline):
            return [head] + text.split(whereSeparator: \.isNewline).map { "\(margin)  \(Output.printable(String($0)))" }
        default:
            return ["\(head) \(inline(value))"]
        }
    }

    /// On one line: the members of an object with commas between.
    private static func inline(_ value: JSONValue) -> String {
        guard let members = value.object?.members, !members.isEmpty else { return text(value) }
        return members.map { "\(Output.printable($0.key)) \(text($0.value))" }.joined(separator: ", ")
    }

    private static func text(_ value: JSONValue) -> String { Output.printable(value.string ?? JSONText(value).text) }
}
