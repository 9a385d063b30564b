/// A JSON value that keeps what was given: numbers as their text, members in their order.
///
/// Foundation's decoder turns numbers into doubles and lets the last of two equal keys win; a job's metadata and result
/// must come back exactly as they were sent, so jobd reads JSON itself, once, for the wire, HTTP and the stores.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    /// The number's text as RFC 8259 writes it, unchanged.
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// How many arrays and objects are in each other; 0 for any other value.
    package var depth: Int {
        Steps.count()
        switch self {
        case .null, .bool, .number, .string: return 0
        case .array(let elements): return 1 + (elements.lazy.map(\.depth).max() ?? 0)
        case .object(let object): return 1 + (object.members.lazy.map(\.value.depth).max() ?? 0)
        }
    }
}

extension JSONValue: Hashable {
    /// Texts are the same when their bytes are: what is kept is kept as it was given.
    package static func == (one: JSONValue, other: JSONValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.bool(let one), .bool(let other)): one == other
        case (.number(let one), .number(let other)), (.string(let one), .string(let other)): one.hasSameBytes(as: other)
        case (.array(let one), .array(let other)): one == other
        case (.object(let one), .object(let other)): one == other
        case (.null, _), (.bool, _), (.number, _), (.string, _), (.array, _), (.object, _): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let value): hasher.combine(value)
        case .number(let text), .string(let text): hasher.combine(ByteKey(text: text))
        case .array(let elements): hasher.combine(elements)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .number(String(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.lazy.map { JSONObject.Member(key: $0.0, value: $0.1) }))
    }

    package init(_ value: some BinaryInteger) { self = .number(String(value)) }

    /// A finite number; whole ones are written without a fraction.
    package init(_ value: Double) {
        self = .number(value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value))
    }
}

extension JSONValue {
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

    /// The number when it is whole and fits; `1e3` and `1.0` count as whole.
    package var integer: Int64? {
        guard case .number(let text) = self else { return nil }
        if let value = Int64(text) { return value }
        return Double(text).flatMap { Int64(exactly: $0) }
    }

    /// The number as the nearest finite double.
    package var double: Double? {
        guard case .number(let text) = self, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    /// The member of an object, nil for anything else.
    package subscript(key: String) -> JSONValue? { object?[key] }

    /// This value after an RFC 7396 merge patch.
    package func merging(_ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var target = object ?? JSONObject()
        target.merge(changes)
        return .object(target)
    }
}
