/// What a front tells of itself, at most once a second.
package struct FrontReport: Hashable, Sendable {
    /// Requests of one kind that were answered alike.
    package struct Requests: Hashable, Sendable {
        /// The API's `operationId`, or `none` where there is no such route.
        package let operation: String
        /// `1xx` to `5xx`.
        package let status: String
        /// Since the last report.
        package let count: Int64

        package init(operation: String, status: String, count: Int64) {
            self.operation = operation
            self.status = status
            self.count = count
        }
    }

    /// Kinds of requests in one report, and altogether.
    package static let maximumRequestKinds = 256

    /// Event streams that are open.
    package var streams: Int
    /// Uploads that arrive.
    package var uploads: Int
    /// Answered since the last report that the daemon has got, by operation and status.
    package var requests: [Requests]

    package init(streams: Int = 0, uploads: Int = 0, requests: [Requests] = []) {
        self.streams = streams
        self.uploads = uploads
        self.requests = requests
    }
}
