package import NIOCore

/// The way back of one request; used once, on the event loop.
package protocol Responder: Sendable {
    /// Sends a response.
    ///
    /// - Parameters:
    ///   - response: Its file is closed, or its source of events ended, in every case.
    ///   - isHead: Only the head is sent.
    /// - Returns: Succeeds on that loop when this is done, whether the peer took all of the response or not.
    func send(_ response: HTTPResponse, isHead: Bool) -> EventLoopFuture<Void>
}
