package import JSON
import JobFiles
import JobModel
import JobWire

/// What `GET /api/openapi.json` answers, read once.
package enum APIDocument {
    /// What the document says of one operation.
    struct Entry: Sendable {
        let operation: Operation
        let method: HTTPMethod
        let pattern: PathPattern
        /// The items of a query that it takes.
        var queryNames: Set<String> = []
        /// What its caller needs.
        var right = Right.public
        /// For what shows jobs that the path does not name: the items of the query that do instead; nil for all others.
        var namingItems: Set<String>?
    }

    /// The bytes as they were when the executable was built, minified.
    static let bytes: [UInt8] = document.bytes

    /// Names the bytes.
    static let entityTag: String = {
        var digest = Digest()
        bytes.withUnsafeBytes { digest.add($0) }
        return EntityTag.quoted(digest.hexadecimal)
    }()

    static let entries: [Entry] = {
        let found = (document["paths"]?.object?.members ?? []).flatMap { path in
            (path.value.object?.members ?? []).map { entry(path.key, $0.key, $0.value) }
        }
        precondition(found.count == Operation.allCases.count, "openapi.json does not have each operation once")
        return found
    }()

    private static func entry(_ path: String, _ method: String, _ description: JSONValue) -> Entry {
        guard let name = description["operationId"]?.string, let operation = Operation(rawValue: name),
            let httpMethod = HTTPMethod(rawValue: method.uppercased())
        else { preconditionFailure("openapi.json: \(method) \(path) is not an operation") }
        guard let right = Self.right(description["x-jobd-right"]) else {
            preconditionFailure("openapi.json: \(name) has no x-jobd-right")
        }
        var entry = Entry(
            operation: operation, method: httpMethod, pattern: PathPattern(stringLiteral: path), right: right)
        let parameters = description["parameters"]?.array ?? []
        entry.queryNames = Set(parameters.filter { $0["in"] == "query" }.compactMap { $0["name"]?.string })
        if let items = description["x-jobd-lists-without"]?.array {
            entry.namingItems = Set(items.compactMap(\.string))
            guard entry.namingItems?.isSubset(of: entry.queryNames) == true else {
                preconditionFailure("openapi.json: \(name) has a wrong x-jobd-lists-without")
            }
        }
        return entry
    }

    /// The things that operations take and answer, by name.
    package static let schemas = document["components"]?["schemas"]?.object ?? [:]

    private static func right(_ json: JSONValue?) -> Right? { json?.string.flatMap(Right.init) }

    private static let document: JSONValue = {
        do throws(JSONError) {
            return try JSONValue.parse(PackageResources.openapi_json)
        } catch {
            preconditionFailure("openapi.json \(error)")
        }
    }()
}
