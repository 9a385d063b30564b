import JobModel
import JobWire
import NIOCore

/// The route that becomes a WebSocket.
struct SocketRoutes: Sendable {
    let sockets: NIOLoopBound<Sockets>
    let sessions: Sessions

    /// A token of the handshake has to be one; what it is for is asked with each request.
    @Sendable func open(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        if let refusal = SocketHandshake.refusal(of: request) {
            return sockets.eventLoop.makeSucceededFuture(refusal)
        }
        return sessions.check(.public, lists: false, for: context).assumeIsolated()
            .map { [sockets] in
                let session = sockets.value.open(for: context.caller)
                return HTTPResponse(
                    101, headers: [.init(name: "Sec-WebSocket-Protocol", value: SocketHandshake.subprotocol)],
                    body: .socket(NIOLoopBound(session, eventLoop: sockets.eventLoop)))
            }
            .nonisolated()
    }
}
