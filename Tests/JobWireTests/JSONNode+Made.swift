import JSON

extension JSONNode {
    /// A value as a request would have it.
    static func made(_ value: JSONValue) throws(JSONError) -> JSONNode { try parse(JSONText(value).text) }
}
