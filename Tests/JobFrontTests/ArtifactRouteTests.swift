import Foundation
import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ArtifactRouteTests {
    private static let sha256 = String(repeating: "ab", count: 32)

    @Test func anArtifactIsSentWhole() async throws {
        try await withArtifact(Array("0123456789".utf8)) { (front) async throws in
            let response = try await front.send("GET", "/api/jobs/j/artifacts/text.txt")
            #expect(response.status == 200)
            #expect(response.text == "0123456789")
            #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
            #expect(response.headers["Content-Length"] == "10")
            #expect(response.headers["ETag"] == "\"\(Self.sha256)\"")
            #expect(response.headers["X-Content-Type-Options"] == "nosniff")
            #expect(response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'")
            #expect(response.headers["Cross-Origin-Resource-Policy"] == "same-origin")
            #expect(response.headers["Content-Disposition"] == "attachment; filename=\"text.txt\"")
            #expect(response.headers["Repr-Digest"]?.hasPrefix("sha-256=:") == true)
            let head = try await front.send("HEAD", "/api/jobs/j/artifacts/text.txt")
            #expect(head.headers == response.headers)
            #expect(head.body.isEmpty)
        }
    }

    @Test(
        arguments: [
            (["HTTP_RANGE": "bytes=2-4"], 206, "234", "bytes 2-4/10"),
            (["HTTP_RANGE": "bytes=-1"], 206, "9", "bytes 9-9/10"),
            (["HTTP_RANGE": "bytes=10-"], 416, nil, "bytes */10"),
            (["HTTP_RANGE": "bytes=2-4", "HTTP_IF_RANGE": "\"other\""], 200, "0123456789", nil),
            (["HTTP_IF_NONE_MATCH": "\"\(sha256)\""], 304, "", nil),
        ] as [([String: String], Int, String?, String?)])
    func partsAndUnchangedOnesAreUnderstood(
        headers: [String: String], status: Int, body: String?, range: String?
    ) async throws {
        try await withArtifact(Array("0123456789".utf8)) { (front) async throws in
            let response = try await front.send("GET", "/api/jobs/j/artifacts/text.txt", headers: headers)
            #expect(response.status == status)
            if let body { #expect(response.text == body) }
            #expect(response.headers["Content-Range"] == range)
        }
    }

    @Test func aLargeArtifactArrivesUnchanged() async throws {
        let bytes = (0..<600_001).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try await withArtifact(bytes) { (front) async throws in
            let response = try await front.send("GET", "/api/jobs/j/artifacts/text.txt")
            #expect(response.body == bytes)
        }
    }

    @Test(arguments: ["other.txt", "..", "%2e%2e%2fx", "a%00b", "%2Fetc%2Fpasswd"])
    func whatIsNotThereIs404(name: String) async throws {
        try await withArtifact([1]) { (front) async throws in
            #expect(try await front.send("GET", "/api/jobs/j/artifacts/\(name)").status == 404)
        }
    }

    private func withArtifact(_ bytes: [UInt8], _ body: (TestFront) async throws -> Void) async throws {
        let description = Artifact(
            name: try #require(ArtifactName("text.txt")), mediaType: "text/plain", size: Int64(bytes.count),
            sha256: Self.sha256)
        let script: StubDaemon.Script = { call in
            guard call.method == .getArtifact else { return nil }
            guard call.params["name"] == "text.txt" else {
                return .refusal(Refusal(.artifactNotFound, "There is no such artifact."))
            }
            var json = description.json.object ?? [:]
            json["run"] = 3
            return .result(.object(json))
        }
        try await withFront(script: script) { front in
            let folder = front.directory + "/data/artifacts/j/3"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/text.txt"))
            try await body(front)
        }
    }
}
