import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobTesting
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HostilePeerTests {
    @Test func aPeerMayVanishAtEveryByte() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let path = front.socketPath
            let conversations = [
                FastCGIPeer.request("POST", "/api/jobs", body: Array(#"{"jobId":"cut"}"#.utf8)),
                FastCGIPeer.request("POST", "/api/files?name=cut", body: Array("content".utf8)),
                FastCGIPeer.request("GET", "/api/jobs/a/stream"),
            ]
            for bytes in conversations {
                for count in 0..<bytes.count {
                    try await onOwnThread {
                        let peer = try FastCGIPeer(path: path)
                        try peer.send(bytes.prefix(count))
                    }
                }
            }
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
            #expect(!front.daemon.calls.contains { $0.method == .createJob || $0.method == .adoptFile })
        }
    }

    @Test func peersThatStallHoldNobodyUp() async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let bytes = FastCGIPeer.request("POST", "/api/jobs", body: Array(#"{"jobId":"slow"}"#.utf8))
            let stalled = try await front.begin(bytes, at: [0, 12] + [40, 10, 1].map { bytes.count - $0 })
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
            // Each goes on where it stopped.
            for (peer, count) in stalled {
                let response = try await onOwnThread {
                    try peer.send(bytes.dropFirst(count))
                    return try peer.readResponse()
                }
                #expect([200, 201].contains(response.status))
            }
        }
    }

    @Test func peersThatStallForTooLongAreGivenUp() async throws {
        try await withSite(configure: { $0.requests.receiveTimeout = .milliseconds(20) }) { (front) async throws in
            let path = front.socketPath
            let bytes = FastCGIPeer.request("POST", "/api/jobs", body: Array(#"{"jobId":"slow"}"#.utf8))
            for count in [0, 12, bytes.count - 10] {
                let response = try await onOwnThread {
                    let peer = try FastCGIPeer(path: path)
                    // Its end comes as a reset when something of it was not read, or before it has sent anything.
                    try? peer.send(bytes.prefix(count))
                    return try? peer.readResponse()
                }
                #expect(response?.status != 201)
            }
            #expect(!front.daemon.calls.contains { $0.method == .createJob })
        }
    }

    @Test(arguments: [1, 14, 16, 100])
    func aBodyOfAnotherLengthThanAnnouncedChangesNothing(announced: Int) async throws {
        try await withSite { (front) async throws in
            let response = try await front.send("POST", "/api/jobs", body: #"{"jobId":"lie"}"#, announced: announced)
            #expect(response.status == 400)
            let upload = try await front.send("POST", "/api/files", body: "fifteen letters", announced: announced)
            #expect(upload.status == 400)
            #expect(!front.daemon.calls.contains { $0.method == .createJob || $0.method == .adoptFile })
        }
    }

    @Test(
        arguments: [
            [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8),
            FastCGIPeer.record(9, []), FastCGIPeer.record(77, [1, 2, 3]), FastCGIPeer.record(4, [200, 0, 0, 0]),
            FastCGIPeer.record(1, [0, 99, 0, 0, 0, 0, 0, 0]) + FastCGIPeer.record(4, [0x80, 0, 0, 1]),
            FastCGIPeer.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + FastCGIPeer.record(4, [0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 0]),
        ] as [[UInt8]])
    func whatIsNoFastCGIIsDropped(bytes: [UInt8]) async throws {
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1)
            let path = front.socketPath
            try await onOwnThread { try FastCGIPeer(path: path).send(bytes) }
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
        }
    }

    @Test func aPeerThatReadsNothingHoldsNobodyUp() async throws {
        let large = String(repeating: "x", count: 900_000)
        try await withSite { (front) async throws in
            front.daemon.set("a", version: 1, more: ["result": .string(large)])
            let path = front.socketPath
            let silent = try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(FastCGIPeer.request("GET", "/api/jobs/a"))
                return peer
            }
            #expect(try await front.send("GET", "/api/jobs/a").body.count > 900_000)
            let late = try await onOwnThread { try silent.readResponse() }
            #expect(late.body.count > 900_000)
            #expect(late.isComplete)
        }
    }
}
