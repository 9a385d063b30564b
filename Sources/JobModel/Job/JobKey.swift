import JSON

/// A key that jobs share: one that an operator gave counts for all, another among its owner's jobs only.
package struct JobKey: Hashable, Sendable, CustomStringConvertible {
    /// Nil when it counts for all.
    package let owner: String?
    /// As the client wrote it: 1 to ``Limits/keyBytes`` bytes, compared by bytes.
    package let key: String

    package init(_ key: String, owner: String? = nil) {
        self.owner = owner
        self.key = key
    }

    /// One text for one key: owners have no line feed.
    package var description: String { "\(owner ?? "")\n\(key)" }
}

extension JobKey {
    var json: JSONValue {
        var object: JSONObject = ["key": .string(key)]
        object["owner"] = owner.map { .string($0) }
        return .object(object)
    }

    init?(json: JSONValue) {
        guard let key = json["key"]?.string else { return nil }
        self.init(key, owner: json["owner"]?.string)
    }
}
