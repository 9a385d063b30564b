package import JobModel

extension JobQuery.Position {
    /// As `nextCursor` shows it, opaque to clients: `MILLISECONDS-NUMBER`.
    package var cursor: String { "\(createdAt.milliseconds)-\(number)" }

    /// Nil when the text is not a cursor.
    package init?(cursor text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let milliseconds = parts[0], let number = parts[1] else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), number: number)
    }
}
