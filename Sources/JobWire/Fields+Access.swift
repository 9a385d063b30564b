import JSON
import JobModel

/// Who somebody is.
extension Fields {
    mutating func owner(_ key: String = "owner") throws(Refusal) -> String? {
        guard let text = try string(key) else { return nil }
        guard Caller.isOwner(text) else { throw Self.wrong(key, "must be 1 to 128 characters of printable ASCII") }
        return text
    }

    mutating func tokenOrder() throws(Refusal) -> TokenOrder {
        var order = TokenOrder(
            owner: try owner(),
            job: try value("job").map { (json) throws(Refusal) in try Self.jobId(json, at: "/job") },
            seconds: try integer("seconds", in: TokenOrder.seconds))
        guard let value = value("scope") else { return order }
        guard let words = value.array else { throw Self.wrong("scope", "must be a list of \(Self.scopes)") }
        var scope: Set<Right> = []
        for (index, word) in words.enumerated() {
            guard let right = word.string.flatMap(Right.init), right != .public else {
                throw Self.wrong("\(index)", in: "scope", "must be one of \(Self.scopes)")
            }
            scope.insert(right)
        }
        order.scope = scope
        return order
    }

    private static let scopes = "read, write, create, work, observe, operate"
}
