import Foundation
import JSON
import JobFront
import JobFrontFastCGI
import JobFrontTesting
import JobTesting
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct KeptConnectionTests {
    private static let get = FastCGIPeer.request("GET", "/api/jobs/a", keepsConnection: true)

    @Test func aConnectionCarriesOneRequestAfterTheOther() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let peer = try await connect(to: front)
            let post = FastCGIPeer.request(
                "POST", "/api/jobs", body: Array(#"{"jobId":"b"}"#.utf8), keepsConnection: true)
            let missing = FastCGIPeer.request("GET", "/nowhere", keepsConnection: true)
            for (bytes, status) in [(Self.get, 200), (post, 201), (missing, 404), (Self.get, 200)] {
                #expect(try await ask(peer, bytes).status == status)
            }
        }
    }

    @Test func aConnectionThatIsNotToBeKeptIsClosed() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let peer = try await connect(to: front)
            #expect(try await ask(peer, Self.get).status == 200)
            #expect(try await ask(peer, FastCGIPeer.request("GET", "/api/jobs/a")).status == 200)
            // Something behind the end, without which nginx would send its next request on it.
            #expect(try await onOwnThread { try peer.readOutput() } == [])
            #expect(try await onOwnThread { try peer.readOutput() } == nil)
        }
    }

    @Test func anAnswerThatDoesNotFitLeavesTheConnectionAsItWas() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1, more: ["result": .string(String(repeating: "x", count: 900_000))])
            let peer = try await connect(to: front)
            for _ in 0..<3 { #expect(try await ask(peer, Self.get).body.count > 900_000) }
        }
    }

    @Test func aStreamLeavesTheConnectionAsItWas() async throws {
        let stream = FastCGIPeer.request("GET", "/api/jobs/a/stream", keepsConnection: true)
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1, status: "completed")
            let peer = try await connect(to: front)
            for bytes in [stream, Self.get, stream] {
                let response = try await ask(peer, bytes)
                #expect(response.status == 200 && response.isComplete)
            }
        }
    }

    @Test func aStreamThatIsGivenUpLeavesTheConnectionAsItWas() async throws {
        try await withSite { (front) async throws in
            let peer = try await openStream(at: front)
            try await onOwnThread {
                try peer.send(FastCGIPeer.record(2, []))
                while try peer.readOutput() != nil {}
            }
            #expect(try await ask(peer, Self.get).status == 200)
        }
    }

    /// It comes too early; what matters is that nobody waits for its answer.
    @Test func aRequestThatComesWithTheEndOfAnotherEndsTheConnection() async throws {
        try await withSite { (front) async throws in
            let peer = try await openStream(at: front)
            try await onOwnThread {
                try peer.send(FastCGIPeer.record(2, []) + Self.get)
                while try peer.readRecord() != nil {}
            }
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
        }
    }

    @Test func aFileLeavesTheConnectionAsItWas() async throws {
        let bytes = [UInt8](repeating: 120, count: 100_000)
        let script: StubDaemon.Script = { call in
            guard call.method == .getArtifact else { return nil }
            return .result([
                "name": "x.txt", "mediaType": "text/plain", "size": 100_000, "run": 1,
                "sha256": .string(String(repeating: "ab", count: 32)),
            ])
        }
        let file = FastCGIPeer.request("GET", "/api/jobs/a/artifacts/x.txt", keepsConnection: true)
        try await withSite(script: script) { (front) async throws in
            front.daemon.set("a", version: 1)
            let folder = front.directory + "/data/artifacts/a/1"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/x.txt"))
            let peer = try await connect(to: front)
            for _ in 0..<2 { #expect(try await ask(peer, file).body == bytes) }
            #expect(try await ask(peer, Self.get).status == 200)
        }
    }

    @Test func aBodyMayComeLateBehindAnAnswerThatDidNotFit() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1, more: ["result": .string(String(repeating: "x", count: 900_000))])
            let peer = try await connect(to: front)
            #expect(try await ask(peer, Self.get).status == 200)
            let post = FastCGIPeer.request(
                "POST", "/api/jobs", body: Array(#"{"jobId":"b"}"#.utf8), keepsConnection: true)
            let response = try await onOwnThread {
                try peer.send(post.dropLast(2))
                peer.sendUntilAnswered(post.suffix(2))
                return try peer.readResponse()
            }
            #expect(response.status == 201)
        }
    }

    @Test func aRequestMayComePieceByPieceOnAKeptConnection() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let peer = try await connect(to: front)
            #expect(try await ask(peer, Self.get).status == 200)
            try await onOwnThread { try peer.send(Self.get.prefix(20)) }
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
            #expect(try await ask(peer, Array(Self.get.dropFirst(20))).status == 200)
        }
    }

    @Test func aFrontThatStopsStillAnswersWhatComesOnAKeptConnection() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let peer = try await connect(to: front)
            #expect(try await ask(peer, Self.get).status == 200)
            front.front.stop()
            #expect(try await ask(peer, Self.get).status == 200)
            #expect(try await onOwnThread { try peer.readOutput() } == nil)
        }
    }

    /// A kept connection on which a stream is open.
    private func openStream(at front: TestSite) async throws -> FastCGIPeer {
        // Before the front has its daemon, a stream would only be told to come back.
        _ = try await front.send("GET", "/api/queues")
        front.daemon.set("a", version: 1)
        let peer = try await connect(to: front)
        let get = FastCGIPeer.request("GET", "/api/jobs/a/stream", keepsConnection: true)
        try await onOwnThread { try peer.send(get) }
        #expect(try await SiteStream(peer).next()?.id == "1")
        return peer
    }

    private func connect(to front: TestSite) async throws -> FastCGIPeer {
        let path = front.socketPath
        return try await onOwnThread { try FastCGIPeer(path: path) }
    }

    private func ask(_ peer: FastCGIPeer, _ bytes: [UInt8]) async throws -> FastCGIPeer.Response {
        try await onOwnThread {
            try peer.send(bytes)
            return try peer.readResponse()
        }
    }
}
