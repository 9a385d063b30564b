import JobTesting
package import NIOCore

extension EventLoopFuture where Value: Sendable {
    /// What the future comes to; unlike `get()`, a test over its time limit does not wait on.
    package func outcome() async throws -> Value {
        let result: Result<Value, any Error> = await untilCalledBack { callBack in whenComplete(callBack) }
        return try result.get()
    }
}
