import JSON
import JobModel

/// A result that a program prints as a line `LABEL: VALUE`.
package struct Fact: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case text
        /// A JSON number, such as `10` or `0.5`.
        case number
        /// `yes` or `true`, `no` or `false`, and whatever stands behind it.
        case boolean
    }

    package var label: String
    /// A line whose value is of another kind is not this fact.
    package var kind: Kind
    /// Whether the last of several such lines counts instead of the first.
    ///
    /// For programs that print what the file says of itself before they print what they have found.
    package var isLast: Bool

    package init(_ label: String, _ kind: Kind = .text, isLast: Bool = false) {
        self.label = label
        self.kind = kind
        self.isLast = isLast
    }

    /// What a line says; nil when it is not this fact.
    func value(in line: String) -> JSONValue? {
        guard let colon = line.firstIndex(of: ":"), Self.trimmed(line[..<colon]) == label else { return nil }
        let value = Self.trimmed(line[line.index(after: colon)...])
        switch kind {
        case .text: return .string(Text.limited(value))
        case .number:
            guard value.utf8.count <= 32, case .number(let number)? = try? JSONValue.parse(value) else { return nil }
            return .number(number)
        case .boolean:
            switch value.split(whereSeparator: \.isWhitespace).first {
            case "yes", "true": return true
            case "no", "false": return false
            default: return nil
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0.isWhitespace }
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...end])
    }
}

/// Looks for a step's facts in what its program prints.
struct FactFinder {
    private let facts: [String: Fact]
    private var found: Set<String> = []

    init(_ facts: [String: Fact]) {
        self.facts = facts
    }

    /// The results in a line, by key.
    mutating func results(in line: String) -> [(key: String, value: JSONValue)] {
        guard !facts.isEmpty, line.contains(":") else { return [] }
        return facts.compactMap { key, fact in
            guard fact.isLast || !found.contains(key), let value = fact.value(in: line) else { return nil }
            found.insert(key)
            return (key, value)
        }
    }
}
