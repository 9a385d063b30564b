import JSON
import JobFront
import JobFrontTesting
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HandshakeTests {
    @Test func aHandshakeIsAnsweredAsTheStandardShows() async throws {
        try await withWebSockets { (site) async throws in
            let head = try await site.answer(to: TestWebSockets.handshake()).head
            for line in [
                "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "Sec-WebSocket-Protocol: jobd.1",
            ] {
                #expect(head.contains(line + "\r\n"))
            }
            #expect(!head.contains("Sec-WebSocket-Extensions"))
        }
    }

    /// A change to the handshake, and the status that it is answered with.
    private static let refused: [([(String, String?)], Int)] = [
        ([("Upgrade", nil)], 426), ([("Upgrade", "h2c")], 426), ([("Connection", "close")], 426),
        ([("Sec-WebSocket-Version", "8")], 426), ([("Sec-WebSocket-Version", nil)], 426),
        ([("Sec-WebSocket-Key", nil)], 400), ([("Sec-WebSocket-Key", "short")], 400),
        ([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZR==")], 400),
        ([("Sec-WebSocket-Protocol", nil)], 400), ([("Sec-WebSocket-Protocol", "jobd.2")], 400),
        ([("Jobd-Role", "king")], 400), ([("Jobd-Owner", "é")], 400),
        ([("Jobd-Owner", "a"), ("Jobd-Owner", "b")], 400), ([("Jobd-Address", "a"), ("Jobd-Address", "b")], 400),
        ([("Origin", "https://evil.example")], 403), ([("Origin", "null")], 403),
        ([("Sec-Fetch-Site", "cross-site")], 403),
        // A body, by which the sides could differ about where the frames begin.
        ([("Content-Length", "5")], 400), ([("Transfer-Encoding", "chunked")], 400),
    ]

    @Test func whatIsNotAHandshakeIsRefusedAndTheConnectionEnds() async throws {
        try await withWebSockets { (site) async throws in
            for (more, status) in Self.refused {
                var text = TestWebSockets.handshake("/api/jobd/socket", more)
                if more.contains(where: { ["Content-Length", "Transfer-Encoding"].contains($0.0) }) {
                    text += "5\r\nhello\r\n"
                }
                let head = try await site.answer(to: text).head
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(more): \(head)")
                #expect(head.contains("Content-Type: application/problem+json\r\n"), "\(more): \(head)")
            }
        }
    }

    @Test(
        arguments: [
            [("Sec-WebSocket-Protocol", "chat, jobd.1")], [("Connection", "keep-alive, Upgrade")],
            [("Upgrade", "WebSocket")],
            [("Origin", "https://localhost")], [("Origin", "http://localhost")], [("Origin", "https://app.example")],
            [("Sec-WebSocket-Extensions", "permessage-deflate")], [("Jobd-Owner", "anna"), ("Jobd-Role", nil)],
        ] as [[(String, String?)]])
    func theseAreTaken(more: [(String, String?)]) async throws {
        try await withWebSockets(configure: { $0.access.allowedOrigins = ["https://app.example"] }) {
            (site) async throws in
            #expect(
                try await site.answer(to: TestWebSockets.handshake("/api/jobd/socket", more)).head.hasPrefix(
                    "HTTP/1.1 101 "))
        }
    }

    @Test func onlyTheSocketIsThere() async throws {
        try await withWebSockets { (site) async throws in
            for (method, target, status) in [
                ("GET", "/api/jobs", 404), ("GET", "/", 404), ("POST", "/api/jobd/socket", 405),
                ("GET", "/api/jobd/socket?token=a.b.c", 401),
            ] {
                let head = try await site.answer(to: TestWebSockets.handshake(target, method: method)).head
                #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(method) \(target): \(head)")
            }
            let older = TestWebSockets.handshake().replacing("HTTP/1.1", with: "HTTP/1.0")
            for text in ["nonsense\r\n\r\n", older] {
                #expect(try await site.answer(to: text).head.hasPrefix("HTTP/1.1 400 "))
            }
        }
    }

    @Test func whoAsksIsWhatTheWebServerSays() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect([
                ("Jobd-Owner", "anna"), ("Jobd-Role", nil), ("Jobd-Address", "192.0.2.7"), ("Jobd_Owner", "eve"),
                ("X-Forwarded-For", "192.0.2.8"),
            ])
            _ = try await socket.call("jobs.create", ["jobId": "a"])
            let caller = try #require(site.daemon.calls.first { $0.method == .createJob }?.caller)
            #expect(caller == ["role": "", "owner": "anna", "address": "192.0.2.7"])
        }
    }
}
