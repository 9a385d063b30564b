import JobFront
import JobWire
import NIOCore
import NIOHTTP1

/// A request that wants to become a WebSocket; it has no body.
struct HandshakeRequest: IncomingRequest {
    let http: HTTPRequest
    let responder: WebSocketResponder
    let isWhole = true

    init(_ head: HTTPRequestHead, responder: WebSocketResponder) {
        http = HTTPRequest(parameters: Self.parameters(head), mayOpenSocket: true)
        self.responder = responder
    }

    func read(into buffer: UnsafeMutableBufferPointer<CChar>) throws(Refusal) -> Int { 0 }

    func setReceiveTimeout(_ timeout: Duration) {}

    func takeResponder() -> any Responder { responder }

    /// By what the web server says who asks.
    ///
    /// Only whoever may open the socket can say it, and he replaces what a client says.
    private static let identity = [
        "jobd-owner": "JOBD_OWNER", "jobd-role": "JOBD_ROLE", "jobd-address": "JOBD_ADDRESS",
    ]

    /// As a web server hands requests over to CGI programs.
    private static func parameters(_ head: HTTPRequestHead) -> CGIParameters {
        var parameters = CGIParameters()
        func add(_ name: String, _ value: String) {
            Array("\(name)=\(value)".utf8).withUnsafeBytes { parameters.append($0) }
        }
        add("REQUEST_METHOD", head.method.rawValue)
        add("REQUEST_URI", head.uri)
        for (name, value) in head.headers {
            let name = name.lowercased()
            add(identity[name] ?? "HTTP_" + name.replacing("-", with: "_").uppercased(), value)
        }
        return parameters
    }
}

/// The way back of a handshake.
struct WebSocketResponder: Responder {
    let handshake: NIOLoopBound<WebSocketHandshake>

    func send(_ response: HTTPResponse, isHead: Bool) -> EventLoopFuture<Void> {
        handshake.value.answer(response, isHead: isHead)
    }
}
