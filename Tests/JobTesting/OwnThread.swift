import Dispatch

/// Runs what blocks on a thread of its own, so that the tests' few threads go on.
package func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
    await untilCalledBack { callBack in
        DispatchQueue(label: "test").async { callBack(work()) }
    }
}

/// The same for work that may fail.
package func onOwnThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
    let outcome: Result<Value, any Error> = await onOwnThread { Result { try work() } }
    return try outcome.get()
}
