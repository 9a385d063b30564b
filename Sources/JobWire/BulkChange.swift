package import JobModel

/// What is to be done to all jobs that a query finds.
package struct BulkChange: Hashable, Sendable {
    /// What is done to each of them.
    package enum Action: String, Hashable, Sendable, CaseIterable {
        case cancel, retry, delete

        /// The states that allow it.
        package var statuses: Set<JobStatus> {
            switch self {
            case .cancel: Set(JobStatus.allCases.filter { !$0.isFinal })
            case .retry: [.failed, .cancelled]
            case .delete: [.completed, .failed, .cancelled]
            }
        }
    }

    /// What is done to each.
    package let action: Action
    /// Its limit does not count.
    package let query: JobQuery
    /// The most jobs.
    package let limit: Int
    /// Whether nothing is to be changed.
    package let isRehearsal: Bool

    package init(action: Action, query: JobQuery, limit: Int, isRehearsal: Bool) {
        self.action = action
        self.query = query
        self.limit = limit
        self.isRehearsal = isRehearsal
    }

    /// What ``limit`` may be.
    package static let limits = 1...1_000_000
    /// The limit of a request that does not say one.
    package static let usualLimit = 10_000
}
