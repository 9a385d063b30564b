package import JobModel
package import JobStorage

extension JobStore {
    /// Writes events, and returns when they are durable.
    package func commit(_ events: [Event]) async throws(StoreError) {
        let outcome = await withCheckedContinuation { continuation in
            commit(events) { continuation.resume(returning: $0) }
        }
        try outcome.get()
    }
}
