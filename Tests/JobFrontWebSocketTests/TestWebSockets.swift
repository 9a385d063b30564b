import JSON
import JobFront
import JobFrontTesting
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobFrontWebSocket

/// A front's WebSockets as a web server sees them, in front of a stub daemon.
struct TestWebSockets: Sendable {
    let path: String
    let daemon: StubDaemon
    let front: Front

    /// A handshake's text; a header that is nil is left out.
    static func handshake(
        _ target: String = "/api/jobd/socket", method: String = "GET", _ more: [(String, String?)] = []
    ) -> String {
        var headers: [(String, String)] = [
            ("Host", "localhost"), ("Connection", "Upgrade"), ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "jobd.1"), ("Jobd-Role", "operator"),
        ]
        for (name, value) in more {
            if !more.filter({ $0.0 == name }).dropFirst().isEmpty {
                // Said twice.
            } else {
                headers.removeAll { $0.0 == name }
            }
            if let value { headers.append((name, value)) }
        }
        return "\(method) \(target) HTTP/1.1\r\n" + headers.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    }

    /// The answer to a request: its head and the rest.
    func answer(to text: String) async throws -> (head: String, rest: String) {
        let path = path
        return try await onOwnThread {
            let peer = try WebSocketPeer(path: path)
            try peer.send(text.utf8)
            let head = try peer.readHead()
            return (head, head.hasPrefix("HTTP/1.1 101") ? "" : try peer.readRest())
        }
    }

    /// An open WebSocket.
    func connect(_ more: [(String, String?)] = []) async throws -> TestSocket {
        let path = path
        let peer = try await onOwnThread {
            let peer = try WebSocketPeer(path: path)
            try peer.send(Self.handshake(more).utf8)
            guard try peer.readHead().hasPrefix("HTTP/1.1 101 ") else { throw UnixPeer.Failed(call: "handshake") }
            return peer
        }
        return TestSocket(peer: peer)
    }

    private static func handshake(_ more: [(String, String?)]) -> String { handshake("/api/jobd/socket", more) }
}

/// The client of an open WebSocket.
struct TestSocket: Sendable {
    let peer: WebSocketPeer

    func send(_ frames: ClientFrame...) async throws {
        let bytes = frames.flatMap(\.bytes)
        try await onOwnThread { [peer] in try peer.send(bytes) }
    }

    func send(_ text: String) async throws { try await send(.text(text)) }

    /// The next frame; nil at the end.
    func frame() async throws -> WebSocketPeer.Frame? { try await onOwnThread { [peer] in try peer.readFrame() } }

    /// The next message; null at the end.
    func next() async throws -> JSONValue {
        guard let frame = try await frame(), frame.opcode == 1 else { return .null }
        return try JSONValue.parse(frame.text)
    }

    /// Passes over what comes before the next notification of this name.
    func next(_ method: String) async throws {
        while true {
            let message = try #require(try await next().object, "the socket has ended")
            if message["method"] == .string(method) { return }
        }
    }

    /// A call, and the next message that has its id.
    func call(_ method: String, _ params: JSONValue = [:], id: Int = 1) async throws -> JSONValue {
        let request: JSONValue = ["jsonrpc": "2.0", "id": JSONValue(id), "method": .string(method), "params": params]
        try await send(request.text)
        while case let message = try await next(), message != .null {
            if message["id"] == JSONValue(id) { return message }
        }
        return .null
    }
}

/// Starts a front with WebSockets, and the daemon unless told otherwise, calls the body, and stops both.
func withWebSockets(
    startsDaemon: Bool = true, script: @escaping StubDaemon.Script = { _ in nil },
    configure: (inout FrontConfiguration) -> Void = { _ in }, _ body: (TestWebSockets) async throws -> Void
) async throws {
    try await withSurroundings(startsDaemon: startsDaemon, script: script, configure: configure) { around in
        let front = try await Front.make(around.configuration, on: around.loop, logger: around.logger)
        let path = around.directory + "/socket"
        let listener = WebSocketListener(descriptor: try UnixPeer.listen(at: path))
        try await listener.open(for: front, on: around.loop)
        try await call({
            try await body(TestWebSockets(path: path, daemon: around.daemon, front: front))
        }) {
            await listener.close()
            try await front.stop().get()
        }
    }
}
