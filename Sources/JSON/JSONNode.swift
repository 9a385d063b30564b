/// A value where it stands in a text that was read whole; it is decoded when it is asked for.
///
/// Keeps the text. What is to be changed, or kept, becomes a ``JSONValue`` or a ``JSONText``.
package struct JSONNode: Sendable {
    let tape: JSONTape
    let place: Int

    var token: JSONToken { tape.tokens[place] }
    var source: String { tape.bytes.withUnsafeBytes { $0.source(of: token) } }
    var isMinified: Bool { token.isMinified }

    package var isNull: Bool { token.kind == .null }
    package var isObject: Bool { token.kind == .object }
    /// What a string says, nil for anything else.
    package var string: String? {
        token.kind == .string ? tape.bytes.withUnsafeBytes { $0.string(of: token) } : nil
    }

    /// `true` or `false`, nil for anything else.
    package var bool: Bool? {
        switch token.kind {
        case .yes: true
        case .no: false
        case .null, .number, .string, .array, .object: nil
        }
    }

    /// As of ``JSONValue/integer``.
    package var integer: Int64? { token.kind == .number ? JSONValue(self).integer : nil }

    /// As of ``JSONValue/double``.
    package var double: Double? { token.kind == .number ? JSONValue(self).double : nil }

    /// The elements of an array, nil for anything else.
    package var array: [JSONNode]? {
        guard token.kind == .array else { return nil }
        var elements: [JSONNode] = []
        var element = place + 1
        while element < token.next {
            elements.append(JSONNode(tape: tape, place: element))
            element = Int(tape.tokens[element].next)
        }
        return elements
    }

    /// The members of an object; anything else has none.
    package var members: JSONMembers { JSONMembers(of: self) }

    /// The member of an object, nil for anything else.
    package subscript(key: String) -> JSONNode? {
        var members = members
        return members.take(key)
    }

    /// Whether more arrays and objects than this are in each other.
    package func isDeeper(than limit: Int) -> Bool { tape.depth > limit && JSONValue(self).depth > limit }
}

/// A text that was read, and where its values are.
final class JSONTape: Sendable {
    let bytes: [UInt8]
    let tokens: [JSONToken]
    /// How many arrays and objects are in each other.
    let depth: Int

    init(bytes: [UInt8], tokens: [JSONToken], depth: Int) {
        self.bytes = bytes
        self.tokens = tokens
        self.depth = depth
    }
}
