package import NIOCore

/// A further way to a front, beside the one that its process is for.
package protocol FrontTransport: Sendable {
    /// Begins to take requests, and hands them to the front, on its loop.
    func open(for front: Front, on loop: any EventLoop) async throws

    /// Takes no more; what is open ends with the front.
    func close() async
}
