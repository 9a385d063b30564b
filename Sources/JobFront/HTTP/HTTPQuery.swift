import JSON
import JobModel
import JobWire

/// The items of a URL's query, decoded; a route takes those that it knows.
struct HTTPQuery: Hashable, Sendable {
    private struct Item: Hashable, Sendable {
        let name: String
        let value: String
    }

    private var items: [Item] = []

    /// A query without items.
    init() {}

    /// Decodes all items, also those that no route knows: what cannot be read is never taken for left out.
    ///
    /// - Throws: `invalid-request` with the item's pointer.
    init(_ text: some StringProtocol) throws(Refusal) {
        for item in String(text).utf8.split(separator: UInt8(ascii: "&")) {
            let mark = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            guard let name = PercentEncoding.decode(item[..<mark], plusIsSpace: true) else {
                throw Refusal(.invalidRequest, "A name in the query is not percent-encoded UTF-8.")
            }
            guard let value = PercentEncoding.decode(item[mark...].dropFirst(), plusIsSpace: true) else {
                throw Refusal.wrongField(name, "of the query is not percent-encoded UTF-8")
            }
            items.append(Item(name: name, value: value))
        }
    }

    /// The value of the first item with this name; nil when there is none.
    subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// Refuses a query that says one of these names more than once, and so perhaps two things.
    func check(_ names: Set<String>) throws(Refusal) {
        guard items.count > 1 else { return }
        var seen: Set<String> = []
        for item in items where names.contains(item.name) && !seen.insert(item.name).inserted {
            throw Refusal.wrongField(item.name, "is in the query more than once")
        }
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
