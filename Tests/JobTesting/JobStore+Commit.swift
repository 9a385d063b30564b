package import JobModel
package import JobStorage

extension JobStore {
    /// Writes events, and returns when they are durable.
    package func commit(_ events: [Event]) async throws(StoreError) {
        let outcome: Result<Void, StoreError> = await untilCalledBack { callBack in commit(events) { callBack($0) } }
        try outcome.get()
    }
}
