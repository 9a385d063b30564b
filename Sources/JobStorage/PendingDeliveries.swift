package import JobModel

/// How much waits for one webhook: messages that have neither arrived nor been given up.
package struct PendingDeliveries: Hashable, Sendable {
    /// At least 1.
    package let count: Int
    /// When the first of them was made.
    package let since: Timestamp

    package init(count: Int, since: Timestamp) {
        self.count = count
        self.since = since
    }
}
