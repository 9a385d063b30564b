package import JobModel
package import JobStorage

extension JobStore {
    /// Writes events as one decision, and returns when they are durable.
    package func commit(_ events: [Event]) async throws(StoreError) {
        if let error = try await commit([events])[0] { throw error }
    }

    /// Writes decisions, and returns those that were refused when the others are durable.
    package func commit(_ decisions: [[Event]]) async throws(StoreError) -> [Int: StoreError] {
        let outcome: CommitOutcome = await untilCalledBack { callBack in commit(decisions) { callBack($0) } }
        return try outcome.get()
    }
}
