package import JobModel

/// Where a page of a list begins: after a job with this moment and number of creation; opaque to clients.
package struct JobCursor: Hashable, Sendable, CustomStringConvertible {
    /// Of the last job of the page before.
    package let createdAt: Timestamp
    /// The `Job.number` of that job, which tells those of one moment apart.
    package let number: Int64

    package init(createdAt: Timestamp, number: Int64) {
        self.createdAt = createdAt
        self.number = number
    }

    /// As `nextCursor` shows it: `MILLISECONDS-NUMBER`.
    package var description: String { "\(createdAt.milliseconds)-\(number)" }

    /// Nil when the text is not a cursor.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard parts.count == 2, let milliseconds = parts[0], let number = parts[1] else { return nil }
        self.init(createdAt: Timestamp(milliseconds: milliseconds), number: number)
    }
}
