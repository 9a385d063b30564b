import JSON
import JobFrontTesting
import JobModel
import JobWire
import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct PreconditionTests {
    @Test(
        arguments: [
            (nil, .any), ("*", .any), ("\"7\"", .versions([7])), ("W/\"7\"", .versions([7])),
            ("\"7\", W/\"9\"", .versions([7, 9])), ("", .versions([])), ("\"x\"", .versions([])), ("7", .versions([])),
            ("\"+7\"", .versions([])), ("\"-7\"", .versions([])), ("\"07\"", .versions([])),
        ] as [(String?, Precondition)])
    func theHeaderNamesVersions(header: String?, precondition: Precondition) {
        #expect(Precondition(header) == precondition)
    }

    private static let changes = [
        ("PATCH", "/api/jobs/a", #"{"message":"x"}"#), ("POST", "/api/jobs/a/cancel", "{}"),
        ("POST", "/api/jobs/a/retry", ""), ("DELETE", "/api/jobs/a", ""),
    ]

    @Test(arguments: changes)
    func oneVersionIsLeftToTheDaemonToCompare(method: String, path: String, body: String) async throws {
        let script: StubDaemon.Script = { call in
            call.params["ifVersion"].map { _ in .refusal(Refusal(.preconditionFailed, "It is another.")) }
        }
        try await withFront(script: script) { (front) async throws in
            let response = try await front.send(method, path, headers: ["HTTP_IF_MATCH": "W/\"7\""], body: body)
            #expect(response.status == 412)
            #expect(try JSONValue.parse(response.body)["code"] == "precondition-failed")
            #expect(front.daemon.calls.last?.params["ifVersion"] == 7)
            _ = try await front.send(method, path, headers: ["HTTP_IF_MATCH": "*"], body: body)
            #expect(front.daemon.calls.last?.params["ifVersion"] == nil)
        }
    }

    @Test(arguments: changes)
    func ofSeveralVersionsTheOneIsTakenThatTheJobHas(method: String, path: String, body: String) async throws {
        let script: StubDaemon.Script = { $0.method == .getJob ? nil : .result(["job": [:], "ended": true]) }
        try await withFront(script: script) { (front) async throws in
            front.daemon.set("a", version: 3)
            for header in ["\"1\", \"2\"", "", "\"x\""] {
                let response = try await front.send(method, path, headers: ["HTTP_IF_MATCH": header], body: body)
                #expect(response.status == 412, "\(header)")
                #expect(try JSONValue.parse(response.body)["job"]?["version"] == 3, "\(header)")
                #expect(front.daemon.calls.last?.method == .getJob)
            }
            let response = try await front.send(
                method, path, headers: ["HTTP_IF_MATCH": "\"1\", \"3\""], body: body)
            #expect((200..<300).contains(response.status))
            #expect(front.daemon.calls.last?.params["ifVersion"] == 3)
        }
    }

    @Test func aBodySaysNoVersion() async throws {
        try await withFront { (front) async throws in
            #expect(try await front.send("PATCH", "/api/jobs/a", body: #"{"ifVersion":1}"#).status == 400)
        }
    }
}
