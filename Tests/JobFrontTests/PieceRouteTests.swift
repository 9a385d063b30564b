import JSON
import JobFrontTesting
import JobModel
import JobWire
import Testing

@testable import JobFront

/// The routes of resumable uploads, with a daemon that knows one upload of three bytes.
@Suite(.timeLimit(.minutes(5)))
struct PieceRouteTests {
    private static let upload: JSONValue = [
        "fileId": "file_1", "kind": "file", "name": "a.txt", "mediaType": "text/plain",
        "createdAt": .string(Timestamp.now.description), "length": 3, "metadata": "filename YS50eHQ=",
        "keepSeconds": 3600,
    ]
    private static let script: StubDaemon.Script = { call in
        switch call.method {
        case .createUpload: .result(upload)
        case .getUpload where call.params["fileId"] == "file_1": .result(upload)
        case .getUpload: .refusal(Refusal(.uploadNotFound, "There is no such upload."))
        case .deleteUpload: .result([:])
        default: nil
        }
    }
    private static let version = ["HTTP_TUS_RESUMABLE": "1.0.0"]
    private static let piece = [
        "HTTP_TUS_RESUMABLE": "1.0.0", "CONTENT_TYPE": "application/offset+octet-stream",
    ]

    private func patch(_ front: TestFront, at offset: Int, _ body: String) async throws -> TestResponse {
        var headers = Self.piece
        headers["HTTP_UPLOAD_OFFSET"] = String(offset)
        return try await front.send("PATCH", "/api/uploads/file_1", headers: headers, body: body)
    }

    private func offset(_ front: TestFront) async throws -> String? {
        try await front.send("HEAD", "/api/uploads/file_1", headers: Self.version).headers["Upload-Offset"]
    }

    @Test func theDaemonIsToldOfTheFileWithTheLastPiece() async throws {
        try await withFront(script: Self.script) { (front) async throws in
            #expect(try await patch(front, at: 0, "ab").status == 204)
            #expect(try await offset(front) == "2")
            #expect(!front.daemon.calls.contains { $0.method == .adoptFile })
            #expect(try await patch(front, at: 1, "b").status == 409)
            let last = try await patch(front, at: 2, "c")
            #expect(last.status == 204 && last.headers["Jobd-File-Id"] == "file_1")
            let told = try #require(front.daemon.calls.last { $0.method == .adoptFile })
            #expect(told.params["size"] == 3 && told.params["name"] == "a.txt")
            #expect(
                told.params["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    /// What is complete and not known as a file becomes one when somebody asks how far it is.
    @Test func aFileThatWasNotTakenIsOfferedAgain() async throws {
        let script: StubDaemon.Script = { call in
            call.method == .adoptFile ? .refusal(Refusal(.unavailable, "Not now.")) : Self.script(call)
        }
        try await withFront(script: script) { (front) async throws in
            #expect(try await patch(front, at: 0, "abc").status == 503)
            let asked = try await front.send("HEAD", "/api/uploads/file_1", headers: Self.version)
            #expect(asked.status == 503 && asked.headers["Upload-Offset"] == nil)
            #expect(try await patch(front, at: 3, "").status == 503)
            #expect(front.daemon.calls.count { $0.method == .adoptFile } == 3)
        }
    }

    @Test func everyAnswerSaysTheVersion() async throws {
        try await withFront(script: Self.script) { (front) async throws in
            let options = try await front.send("OPTIONS", "/api/uploads")
            #expect(options.status == 204 && options.headers["Tus-Version"] == "1.0.0")
            #expect(options.headers["Tus-Max-Size"] == "4294967296")
            #expect(options.headers["Tus-Checksum-Algorithm"] == "sha1,sha256")
            let wrong = try await front.send("POST", "/api/uploads", headers: ["HTTP_UPLOAD_LENGTH": "3"])
            #expect(wrong.status == 412 && wrong.headers["Tus-Version"] == "1.0.0")
            for (method, path) in [("GET", "/api/uploads/none"), ("PUT", "/api/uploads"), ("GET", "/api/uploads/a/b")] {
                let answer = try await front.send(method, path, headers: Self.version)
                #expect((404...405).contains(answer.status) && answer.headers["Tus-Resumable"] == "1.0.0")
            }
            #expect(try await front.send("GET", "/api/jobs/a").headers["Tus-Resumable"] == nil)
        }
    }

    @Test func whatCouldNotBeTakenIsTakenBack() async throws {
        try await withFront(script: Self.script) { (front) async throws in
            var headers = Self.piece
            headers["HTTP_UPLOAD_LENGTH"] = "3"
            headers["HTTP_UPLOAD_CHECKSUM"] = "sha1 AAAA"
            let answer = try await front.send("POST", "/api/uploads", headers: headers, body: "abc")
            #expect(answer.status == 460)
            #expect(front.daemon.calls.last?.method == .deleteUpload)
        }
    }

    @Test func aHeadOfAPostHasItsBody() async throws {
        try await withFront(script: Self.script) { (front) async throws in
            var headers = Self.version
            headers["HTTP_X_HTTP_METHOD_OVERRIDE"] = "HEAD"
            let known = try await front.send("POST", "/api/uploads/file_1", headers: headers)
            #expect(known.status == 200 && known.headers["Upload-Length"] == "3")
            let unknown = try await front.send("POST", "/api/uploads/none", headers: headers)
            #expect(unknown.status == 404 && unknown.text.contains("upload-not-found"))
        }
    }
}
