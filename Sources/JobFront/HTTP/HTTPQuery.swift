import JobModel

/// The items of a URL's query; a route takes those that it knows.
struct HTTPQuery: Hashable, Sendable {
    private let text: String

    init(_ text: some StringProtocol) {
        self.text = String(text)
    }

    /// The value of the first item with this name, nil when there is none or its value is not valid text.
    subscript(name: String) -> String? {
        for item in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = item.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let key = parts.first, PercentEncoding.decode(key, plusIsSpace: true) == name else { continue }
            return parts.count == 2 ? PercentEncoding.decode(parts[1], plusIsSpace: true) : ""
        }
        return nil
    }

    /// The named items as parameters for the daemon, which checks them; those in `numbers` as numbers where they are some.
    func parameters(_ names: [String], numbers: Set<String> = []) -> JSONObject {
        var object = JSONObject()
        for name in names {
            guard let value = self[name], !value.isEmpty else { continue }
            let number = numbers.contains(name) ? Int64(value) : nil
            object[name] = number.map { JSONValue($0) } ?? .string(value)
        }
        return object
    }
}
