/// A path with names in the place of some segments: `/api/jobs/{id}/logs`.
struct PathPattern: Hashable, Sendable, ExpressibleByStringLiteral {
    private enum Segment: Hashable, Sendable {
        case literal(String)
        case name(String)
    }

    /// As it was written, which is also how OpenAPI writes it.
    let text: String
    private let segments: [Segment]

    init(stringLiteral text: String) {
        self.text = text
        segments = text.split(separator: "/").map { part in
            part.hasPrefix("{") ? .name(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// How many segments a path must have.
    var segmentCount: Int { segments.count }

    /// How many segments it leaves open.
    var nameCount: Int {
        segments.count { if case .name = $0 { true } else { false } }
    }

    /// The named segments; nil when the path is another.
    func match(_ path: [String]) -> PathCaptures? {
        guard path.count == segments.count else { return nil }
        var captures = PathCaptures()
        for (part, segment) in zip(path, segments) {
            switch segment {
            case .literal(let text): guard part == text else { return nil }
            case .name(let name):
                guard !part.isEmpty else { return nil }
                captures.add(name, part)
            }
        }
        return captures
    }
}
