import JobTesting
import Glibc
import JobFrontTesting
import NIOCore
import Testing

@testable import JobFrontFastCGI

/// What FastCGI 1.0 wants beside requests and answers.
@Suite(.timeLimit(.minutes(5)))
struct ProtocolTests {
    private static let values = pair("FCGI_MAX_CONNS") + pair("FCGI_MPXS_CONNS") + pair("OTHER")

    private static func pair(_ name: String) -> [UInt8] { [UInt8(name.utf8.count), 0] + Array(name.utf8) }

    @Test func aQuestionIsAnsweredBeforeARequestHasBegun() async throws {
        try await withSite { (site) async throws in
            site.daemon.set("a", version: 1)
            let path = site.socketPath
            try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(FastCGIPeer.record(9, Self.values, requestId: 0))
                let reply = try #require(try peer.readRecord())
                #expect(reply.kind == 10 && reply.requestId == 0)
                #expect(reply.content == [15, 1] + Array("FCGI_MPXS_CONNS0".utf8))
                try peer.send(FastCGIPeer.record(77, [1, 2], requestId: 0))
                let unknown = try #require(try peer.readRecord())
                #expect(unknown.kind == 11 && unknown.content == [77, 0, 0, 0, 0, 0, 0, 0])
                // Together with a request, too.
                try peer.send(
                    FastCGIPeer.record(9, Self.values, requestId: 0) + FastCGIPeer.request("GET", "/api/jobs/a"))
                #expect(try peer.readRecord()?.kind == 10)
                #expect(try peer.readResponse().status == 200)
            }
        }
    }

    @Test(arguments: [[UInt8](), [200], [0x80, 0, 0], [5, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]])
    func aQuestionThatIsCutOffAsksNothing(content: [UInt8]) {
        let record = content.withUnsafeBytes { ManagementRecord(kind: 9, content: $0) }
        #expect(record == .getValues([]))
        #expect(record.reply.readableBytes == 8)
    }

    @Test func aStreamThatIsGivenUpEnds() async throws {
        try await withSite { (site) async throws in
            _ = try await site.send("GET", "/api/queues")
            site.daemon.set("a", version: 1)
            let stream = try await site.open("/api/jobs/a/stream")
            _ = try await stream.head()
            #expect(try await stream.next()?.id == "1")
            try await onOwnThread {
                try stream.peer.send(FastCGIPeer.record(2, []))
                // What was on its way, then the end of the output and of the request.
                while let record = try stream.peer.readRecord(), record.kind == 6, !record.content.isEmpty {}
                #expect(try stream.peer.readRecord()?.kind == 3)
                // The connection is not kept.
                #expect(try stream.peer.readRecord()?.kind == 6)
                #expect(try stream.peer.readRecord().map { $0.kind } == nil)
            }
            await site.daemon.until { _, watchCount in watchCount == 0 }
        }
    }

    @Test func aRequestThatIsGivenUpBeforeItIsWholeIsClosed() async throws {
        try await withSite { (site) async throws in
            let path = site.socketPath
            let head = FastCGIPeer.request("POST", "/api/jobs").prefix(30)
            try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(head.prefix(16) + FastCGIPeer.record(2, []))
                let answer = (try? peer.readRecord()).map { $0.kind }
                #expect(answer == nil)
            }
        }
    }

    @Test func aSecondRequestBesideAStreamIsRefused() async throws {
        try await withSite { (site) async throws in
            _ = try await site.send("GET", "/api/queues")
            site.daemon.set("a", version: 1)
            let stream = try await site.open("/api/jobs/a/stream")
            _ = try await stream.head()
            #expect(try await stream.next()?.id == "1")
            try await onOwnThread {
                let begin = FastCGIPeer.record(1, [0, 1, 0, 0, 0, 0, 0, 0], requestId: 2)
                // However it is cut.
                try stream.peer.send(begin.prefix(5))
                try stream.peer.send(begin.dropFirst(5) + FastCGIPeer.record(4, [1, 1, 65, 65], requestId: 2))
                var refusal = try #require(try stream.peer.readRecord())
                // What the stream says by itself may come before.
                while refusal.requestId == 1 { refusal = try #require(try stream.peer.readRecord()) }
                #expect(refusal.kind == 3 && refusal.requestId == 2 && refusal.content == [0, 0, 0, 0, 1, 0, 0, 0])
            }
            site.daemon.set("a", version: 2, status: "completed")
            #expect(try await stream.next()?.id == "2")
        }
    }

    @Test func aLengthOfMinusOneIsNotAnnounced() async throws {
        try await withSite { (site) async throws in
            site.daemon.set("a", version: 1)
            #expect(try await site.send("GET", "/api/jobs/a", announced: -1).status == 200)
            #expect(try await site.send("POST", "/api/jobs", body: #"{"jobId":"b"}"#, announced: -1).status == 201)
        }
    }

    @Test(arguments: [
        ("127.0.0.1:9000", true), ("[::1]:9000", true), ("127.0.0.1", false), ("localhost:9000", false),
        ("127.0.0.1:0", false), ("127.0.0.1:65536", false), ("::1:9000", false), ("[127.0.0.1]:1", false), ("", false),
    ])
    func anAddressIsNumericAndHasAPort(text: String, isAddress: Bool) {
        #expect((FrontAddress(text) != nil) == isAddress)
    }
}
