import JobModel

/// The versions that a job may have for a change, as `If-Match` names them.
enum Precondition: Hashable, Sendable {
    /// Whatever the version is: without the header, or with `*`.
    case any
    /// One of these; none where the header names nothing that could be a version.
    case versions(Set<Int64>)

    /// Reads the header, which means something also when it is empty; tags are compared weakly.
    init(_ header: String?) {
        guard let header else {
            self = .any
            return
        }
        let tags = EntityTag.list(header)
        self = tags.contains("*") ? .any : .versions(Set(tags.compactMap(Self.version)))
    }

    private static func version(_ tag: String) -> Int64? {
        let tag = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
        guard tag.count > 2, tag.first == "\"", tag.last == "\"" else { return nil }
        let text = tag.dropFirst().dropLast()
        // As jobd writes versions: other texts, such as 07, are other tags.
        return Int64(text).flatMap { $0 >= 0 && String($0) == text ? $0 : nil }
    }
}
