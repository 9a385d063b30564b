import JobFront
import JobFrontTesting
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct SlowUploadTests {
    @Test func moreUploadsThanThreadsAreTurnedAwayWhileReadsGoOn() async throws {
        try await withSite(configure: { $0.uploads.maximumCount = 1 }) { (front) async throws in
            front.daemon.set("a", version: 1)
            let path = front.socketPath
            let bytes = FastCGIPeer.request("POST", "/api/files", body: Array("abc".utf8))
            let slow = try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(bytes.dropLast(4))
                return peer
            }
            var status = 0
            while status != 429 {
                let response = try await front.send("POST", "/api/files", body: "abc")
                status = response.status
                #expect(status == 201 || response.headers["Retry-After"] == "1")
            }
            #expect(try await front.send("GET", "/api/jobs/a").status == 200)
            let late = try await onOwnThread {
                try slow.send(bytes.suffix(4))
                return try slow.readResponse()
            }
            #expect(late.status == 201)
        }
    }

    @Test func anUploadThatIsTooSlowEnds() async throws {
        try await withSite(configure: { $0.uploads.grace = .zero }) { (front) async throws in
            let path = front.socketPath
            let bytes = FastCGIPeer.request("POST", "/api/files", body: Array(repeating: 1, count: 4000))
            let response = try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(bytes.dropLast(3500))
                peer.sendUntilAnswered(bytes.suffix(3500))
                return try peer.readResponse()
            }
            #expect(response.status == 408)
            #expect(response.text.contains("request-timeout"))
        }
    }

    /// Threads of uploads are theirs alone.
    @Test func slowUploadsDoNotKeepOtherBodiesOut() async throws {
        try await withSite(configure: { $0.uploads.maximumCount = 1 }) { (front) async throws in
            let upload = FastCGIPeer.request("POST", "/api/files", body: Array("abc".utf8))
            let slow = try await front.begin(upload, at: [upload.count - 4])
            let body = FastCGIPeer.request(
                "POST", "/api/jobs", headers: ["CONTENT_TYPE": "application/json"], body: Array("{}".utf8))
            let path = front.socketPath
            let status = try await onOwnThread {
                let peer = try FastCGIPeer(path: path)
                try peer.send(body.dropLast(3))
                try peer.send(body.suffix(3))
                return try peer.readResponse().status
            }
            #expect(status != 429)
            withExtendedLifetime(slow) {}
        }
    }
}
