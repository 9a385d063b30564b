import Foundation
import JSON
import JobFront
import JobFrontTesting
import JobModel
import JobTesting
import JobWire
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FileRouteTests {
    private static let digest = "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"

    /// What a daemon finds when it is told of an upload.
    private final class Seen: Sendable {
        let directory = Mutex("")
        let content = Mutex("")
    }

    @Test func anUploadIsStoredAndThenTold() async throws {
        let seen = Seen()
        let script: StubDaemon.Script = { call in
            guard call.method == .adoptFile, let id = call.params["fileId"]?.string else { return nil }
            let path = "\(seen.directory.withLock { $0 })/data/files/arriving/\(id)"
            seen.content.withLock { $0 = (try? String(contentsOfFile: path, encoding: .utf8)) ?? "nothing" }
            return nil
        }
        try await withFront(script: script) { (front) async throws in
            seen.directory.withLock { $0 = front.directory }
            let response = try await front.send(
                "POST", "/api/files?name=a%20b.txt", headers: ["HTTP_REPR_DIGEST": Self.digest], body: "abc")
            #expect(response.status == 201)
            let file = try JSONValue.parse(response.body)
            #expect(file["name"] == "a b.txt")
            #expect(file["size"] == 3)
            #expect(front.daemon.calls.last?.params == file)
            #expect(seen.content.withLock { $0 } == "abc")
        }
    }

    /// The stub keeps nothing, as a daemon does that refuses.
    @Test func whatIsNotAdoptedGoes() async throws {
        let script: StubDaemon.Script = { call in
            call.method == .adoptFile ? .refusal(Refusal(.storageFull, "There is no room.")) : nil
        }
        try await withFront(script: script) { (front) async throws in
            #expect(try await front.send("POST", "/api/files", body: "abc").status == 507)
            #expect(storedFiles(front).isEmpty)
            // Its last holder may let go of it a moment after the answer.
            while !arrivingFiles(front).isEmpty { await giveWay() }
        }
    }

    @Test func theDaemonIsToldWhileAnUploadComesAndMayEndIt() async throws {
        let script: StubDaemon.Script = { call in
            guard call.method == .reportUpload, (call.params["bytes"]?.integer ?? 0) > 0 else { return nil }
            let details: JSONObject = ["quota": "quota.owner.storedBytes", "limit": 5]
            return .refusal(Refusal(.quotaExceeded, "Enough.", details: details))
        }
        try await withFront(script: script) { (front) async throws in
            let length = 5 << 20
            let response = try await front.send("POST", "/api/files", body: String(repeating: "x", count: length))
            #expect(response.status == 507 && response.headers["Retry-After"] == "60")
            #expect(try JSONValue.parse(response.body)["quota"] == "quota.owner.storedBytes")
            #expect(storedFiles(front).isEmpty)
            #expect(front.daemon.calls.isEmpty)
            while front.daemon.uploadReports.last?.params["ended"] != true { await giveWay() }
            let reports = front.daemon.uploadReports
            #expect(reports.count == 3)
            #expect(reports.first?.params["announced"]?.integer == Int64(length))
            #expect(Set(reports.map { $0.params["upload"]?.string }).count == 1)
        }
    }

    @Test func theNameMayComeFromTheContentDisposition() async throws {
        try await withFront { (front) async throws in
            let headers = ["HTTP_CONTENT_DISPOSITION": "attachment; filename=\"x.pdf\"", "CONTENT_TYPE": "image/png"]
            let response = try await front.send("POST", "/api/files", headers: headers, body: "abc")
            #expect(try JSONValue.parse(response.body)["name"] == "x.pdf")
        }
    }

    @Test(
        arguments: [
            (["HTTP_REPR_DIGEST": digest], "abd", nil, 400, "digest-mismatch"),
            (["HTTP_REPR_DIGEST": "sha-256=nonsense"], "abc", nil, 400, "invalid-request"),
            ([:], "more than ten", nil, 413, "payload-too-large"), ([:], "", 11, 413, "payload-too-large"),
            (["CONTENT_TYPE": "multipart/form-data; boundary=x"], "abc", nil, 400, "invalid-request"),
        ] as [([String: String], String, Int?, Int, String)])
    func aRefusedUploadLeavesNothing(
        headers: [String: String], body: String, announced: Int?, status: Int, code: String
    ) async throws {
        try await withFront(configure: { $0.uploads.maximumBytes = 10 }) { (front) async throws in
            let response = try await front.send(
                "POST", "/api/files", headers: headers, body: body, announced: announced)
            #expect(response.status == status)
            #expect(try JSONValue.parse(response.body)["code"] == .string(code))
            #expect(storedFiles(front).isEmpty)
            #expect(!front.daemon.calls.contains { $0.method == .adoptFile })
        }
    }

    @Test func filesAreDescribedAndDeletedByTheDaemon() async throws {
        let file: JSONValue = ["fileId": "f", "name": "x"]
        let script: StubDaemon.Script = { call in
            switch call.method {
            case .getFile: .result(file)
            case .deleteFile: .refusal(Refusal(.fileInUse, "A job uses it."))
            default: nil
            }
        }
        try await withFront(script: script) { (front) async throws in
            #expect(try await front.send("GET", "/api/files/f").text == file.text)
            #expect(try await front.send("DELETE", "/api/files/f").status == 409)
        }
    }

    private func arrivingFiles(_ front: TestFront) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: front.directory + "/data/files/arriving")) ?? []
    }

    private func storedFiles(_ front: TestFront) -> [String] {
        let files = front.directory + "/data/files"
        let names = FileManager.default.enumerator(atPath: files)?.compactMap { $0 as? String } ?? []
        return names.filter { !$0.hasPrefix("arriving") }
    }
}
