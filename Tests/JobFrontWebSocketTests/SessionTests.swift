import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SessionTests {
    @Test func aRequestIsAskedOfTheDaemonAndAnsweredByItsId() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            let created = try await socket.call("jobs.create", ["jobId": "a"], id: 7)
            #expect(created["result"]?["job"]?["jobId"] == "a")
            #expect(created["jsonrpc"] == "2.0")
            let missing = try await socket.call("jobs.get", ["jobId": "b"], id: 8)
            #expect(missing["error"]?["code"] == -32000)
            #expect(missing["error"]?["data"]?["code"] == "job-not-found")
        }
    }

    /// A message, and the number of its error; nil where it is not answered.
    private static let odd: [(String, Int?)] = [
        (#"[]"#, -32600), (#"1"#, -32600), (#"{}"#, -32600), (#"{"jsonrpc":"2.0"}"#, -32600),
        (#"{"jsonrpc":"1.0","id":1,"method":"stats.get"}"#, -32600),
        (#"{"jsonrpc":"2.0","id":{},"method":"stats.get"}"#, -32600),
        // Who asks is not the client's to say.
        (#"{"jsonrpc":"2.0","id":1,"method":"stats.get","caller":{"role":"operator"}}"#, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"jobs.nonsense"}"#, -32601),
        (#"{"jsonrpc":"2.0","id":1,"method":"jobs.watch","params":[1]}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"jobs.watch","params":{"queues":1}}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"jobs.unwatch"}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"jobs.get","params":{"jobId":"a","waitSeconds":56}}"#, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"session.begin","params":{"token":"x"}}"#, -32602),
        ("", nil), (" \n", nil), (#"{"jsonrpc":"2.0","method":"jobs.get","params":{"jobId":"a"}}"#, nil),
        (#"[{"jsonrpc":"2.0","method":"jobs.get","params":{"jobId":"a"}}]"#, nil),
    ]

    @Test func whatIsNotARequestIsSaidAndTheConnectionStays() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            _ = try await socket.call("jobs.list")
            for (text, number) in Self.odd {
                try await socket.send(text)
                if let number { #expect(try await socket.next()["error"]?["code"] == JSONValue(number), "\(text)") }
            }
            #expect(try await socket.call("jobs.unwatch", ["watch": 1], id: 99)["result"] == [:])
        }
    }

    @Test(arguments: [true, false])
    func aSessionEndsWithItsToken(isInHandshake: Bool) async throws {
        // {"exp": 1795435300 (in 2026), "scope": ["read"]}
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTU0MzUzMDAsInNjb3BlIjpbInJlYWQiXX0.x"
        let script: StubDaemon.Script = { call in
            guard call.method == .getSession else { return nil }
            return .result([
                "owner": .null, "role": .null,
                "token": ["job": .null, "scope": ["read"], "expiresAt": "2026-11-23T12:00:00.000Z"],
            ])
        }
        try await withWebSockets(script: script) { (site) async throws in
            let socket = try await site.connect(isInHandshake ? [("Authorization", "Bearer \(token)")] : [])
            if !isInHandshake { _ = try await socket.call("session.begin", ["token": .string(token)]) }
            #expect(try await socket.frame()?.code == 1008)
        }
    }

    @Test func whatIsNotJSONIsSaidAndEndsTheConnection() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            try await socket.send(#"{"jsonrpc""#)
            let answer = try await socket.next()
            #expect(answer["error"]?["code"] == -32700)
            #expect(answer["id"] == .null)
            #expect(try await socket.frame()?.code == 1007)
            #expect(try await socket.frame() == nil)
        }
    }

    @Test func aBatchIsAnsweredByOneMessage() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            try await socket.send(
                #"[{"jsonrpc":"2.0","id":1,"method":"jobs.create","params":{"jobId":"a"}},"#
                    + #"{"jsonrpc":"2.0","id":"x","method":"files.get","params":{}},"#
                    + #"{"jsonrpc":"2.0","method":"jobs.get","params":{"jobId":"a"}}]"#)
            let answer = try #require(try await socket.next().array)
            #expect(answer.count == 2)
            #expect(answer.contains { $0["id"] == 1 && $0["result"]?["created"] == true })
            #expect(answer.contains { $0["id"] == "x" && $0["error"]?["data"]?["code"] == "forbidden" })
        }
    }

    @Test func whatIsNotForWebSocketsNeverReachesTheDaemon() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            let families = ["files", "artifacts", "front", "server", "tokens"]
            let closed = Method.allCases.filter { method in families.contains { method.rawValue.hasPrefix($0 + ".") } }
            #expect(closed.count > 15)
            for (id, method) in closed.enumerated() {
                let answer = try await socket.call(method.rawValue, id: id)
                #expect(answer["error"]?["data"]?["code"] == "forbidden", "\(method)")
            }
            #expect(!site.daemon.calls.contains { closed.contains($0.method) })
        }
    }

    @Test func aLineFeedInAMessageDoesNotBecomeALineForTheDaemon() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect([("Jobd-Role", nil), ("Jobd-Owner", "anna")])
            let forged =
                #"{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"jobs.delete\",\"params\":{\"jobId\":\"b\"},\"caller\":{\"role\":\"operator\"}}"#
            try await socket.send(
                "{\"jsonrpc\":\"2.0\",\"id\":1,\n\"method\":\"jobs.create\",\n\"params\":{\n\"jobId\":\"a\",\"message\":\"\\n\(forged)\\n\"}}"
            )
            #expect(try await socket.next()["result"]?["created"] == true)
            #expect(site.daemon.calls.map(\.method) == [.createJob])
            #expect(site.daemon.calls[0].caller["owner"] == "anna")
        }
    }

    @Test func aTokenIsShownWithEverythingThatFollowsBeItGoodOrNot() async throws {
        let script: StubDaemon.Script = { call in
            call.caller["token"] == "bad" ? .refusal(Refusal(.unauthorized, "This is not a token.")) : nil
        }
        try await withWebSockets(script: script) { (site) async throws in
            let good = try await site.connect()
            #expect(try await good.call("session.begin", ["token": "good"])["result"]?["role"] == .null)
            _ = try await good.call("jobs.create", ["jobId": "a"], id: 2)
            #expect(site.daemon.calls.last?.caller["token"] == "good")
            let again = try await good.call("session.begin", ["token": "other"], id: 3)
            #expect(again["error"]?["code"] == -32602)

            let bad = try await site.connect()
            for (id, method) in ["session.begin", "jobs.list", "stats.get"].enumerated() {
                let answer = try await bad.call(method, id == 0 ? ["token": "bad"] : [:], id: id)
                #expect(answer["error"]?["data"]?["code"] == "unauthorized")
            }
            let head = try await site.answer(
                to: TestWebSockets.handshake("/api/jobd/socket", [("Authorization", "Bearer bad")])
            ).head
            #expect(head.hasPrefix("HTTP/1.1 401 "))
        }
    }

    @Test func parametersThatDoNotFitIntoALineAreRefusedAndOthersGoOn() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            let large = String(repeating: "x", count: 2_097_152 - 100)
            let answer = try await socket.call("jobs.create", ["message": .string(large)])
            #expect(answer["error"]?["data"]?["code"] == "payload-too-large")
            #expect(try await socket.call("jobs.create", ["jobId": "a"], id: 2)["result"]?["created"] == true)
        }
    }

    @Test func framesThatBreakARuleEndTheConnectionWithItsCode() async throws {
        try await withWebSockets { (site) async throws in
            for (frame, code) in [
                (ClientFrame(first: 0x82, payload: [1]), 1003), (.text([0xFF]), 1007),
                (ClientFrame(first: 0x81, payload: [97], mask: nil), 1002), (.close(1005), 1002), (.close(1000), 1000),
                (.close(4711), 4711), (.text(String(repeating: "x", count: 2_097_153)), 1009),
            ] {
                let socket = try await site.connect()
                try? await socket.send(frame)
                #expect(try await socket.frame()?.code == code)
                #expect(try await socket.frame() == nil)
            }
        }
    }

    @Test func aPingIsAnsweredWithItsBytes() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            try await socket.send(.ping([1, 2, 3]))
            #expect(try await socket.frame() == WebSocketPeer.Frame(opcode: 10, payload: [1, 2, 3]))
        }
    }

    @Test func withoutADaemonARequestIsRefusedAsOverHTTP() async throws {
        try await withWebSockets(startsDaemon: false, configure: { $0.daemonWait = .zero }) { (site) async throws in
            let socket = try await site.connect()
            let answer = try await socket.call("jobs.create", ["jobId": "a"])
            #expect(answer["error"]?["data"]?["code"] == "unavailable")
            #expect(answer["error"]?["data"]?["retry"] == true)
        }
    }

    @Test func whenAllClientsHoldTooMuchTheOneThatHoldsMostEnds() async throws {
        try await withWebSockets(configure: { $0.requests.maximumBodyBytes = 100_000 }) { (site) async throws in
            let first = try await site.connect()
            try await first.send(.text(String(repeating: "x", count: 90_000), isFinal: false))
            // Answered behind what came before it.
            try await first.send(.ping())
            #expect(try await first.frame()?.opcode == 10)
            let second = try await site.connect()
            try await second.send(.text(String(repeating: "x", count: 20_000), isFinal: false))
            #expect(try await first.frame()?.code == 1013)
            try await second.send(.more(Array("y".utf8), isFinal: true))
            #expect(try await second.next()["error"]?["code"] == -32700)
        }
    }

    @Test func aFrontThatStopsSaysSo() async throws {
        try await withWebSockets { (site) async throws in
            let socket = try await site.connect()
            _ = try await socket.call("jobs.create", ["jobId": "a"])
            let stopped = site.front.stop()
            #expect(try await socket.frame()?.code == 1001)
            // A front that stops waits for an answer, but not for long.
            try? await socket.send(.close(1001))
            #expect(try await socket.frame() == nil)
            try await stopped.get()
        }
    }
}
