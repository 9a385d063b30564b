import Dispatch

/// Runs what blocks on a thread of its own, so that the tests' few threads go on.
package func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
        DispatchQueue(label: "test").async { continuation.resume(returning: work()) }
    }
}
