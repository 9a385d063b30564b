/// The segments that a pattern named.
struct PathCaptures: Hashable, Sendable {
    private struct Capture: Hashable, Sendable {
        let name: String
        let value: String
    }

    private var captures: [Capture] = []

    mutating func add(_ name: String, _ value: String) { captures.append(Capture(name: name, value: value)) }

    /// The segment with a name that the pattern has.
    subscript(name: String) -> String {
        guard let capture = captures.first(where: { $0.name == name }) else {
            preconditionFailure("the pattern names no {\(name)}")
        }
        return capture.value
    }
}
