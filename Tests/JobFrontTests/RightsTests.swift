import JobFrontTesting
import JobModel
import JobWire
import NIOCore
import Testing

@testable import JobFront

/// Who may do what, for every operation of the API's document.
@Suite(.timeLimit(.minutes(5)))
struct RightsTests {
    private static let words: [(role: String, held: Set<Right>)] = [
        ("", [.public, .create, .read, .write]), ("observer", [.public, .create, .read, .write, .observe]),
        ("operator", Set(Right.allCases)),
    ]

    @Test func everyOperationAsksForItsRightBeforeAnythingElse() async throws {
        let script: StubDaemon.Script = { call in
            call.method == .listQueues ? nil : .refusal(Refusal(.jobConflict, "Asked."))
        }
        try await withFront(script: script) { (front) async throws in
            for entry in APIDocument.entries {
                for (role, held) in Self.words {
                    // A stream of all jobs would not end.
                    let method = entry.operation == .streamJobs ? "HEAD" : entry.method.rawValue
                    let response = try await front.send(
                        method, Self.path(entry), headers: ["JOBD_ROLE": role], body: "{}")
                    let right = entry.rightsWithout.first?.value ?? entry.right
                    #expect(
                        (response.status == 403) == !held.contains(right), "\(entry.operation) \(role): \(response)")
                }
            }
        }
    }

    @Test func namedJobsAreShownToEverybodyAndAllJobsAreNot() async throws {
        try await withFront { (front) async throws in
            try await front.connected()
            let stranger = ["JOBD_ROLE": ""]
            #expect(try await front.send("HEAD", "/api/jobs/stream?ids=a", headers: stranger).status == 200)
            for query in ["", "?queue=default", "?IDS=a", "?queue=", "?x&y=ids=a"] {
                #expect(try await front.send("HEAD", "/api/jobs/stream" + query, headers: stranger).status == 403)
            }
            #expect(try await front.send("HEAD", "/api/jobs/stream", headers: ["JOBD_ROLE": "observer"]).status == 200)
        }
    }

    @Test func aHeaderIsNotBelieved() async throws {
        try await withFront { (front) async throws in
            let forged = ["JOBD_ROLE": "", "HTTP_JOBD_ROLE": "operator", "HTTP_X_JOBD_ROLE": "operator"]
            #expect(try await front.send("GET", "/api/jobs", headers: forged).status == 403)
        }
    }

    @Test func whoIsSaidTwiceOrWronglyIsNobody() {
        let role = "JOBD_ROLE=operator"
        for parameters in [[role, role], [role, "JOBD_ROLE="], ["JOBD_ROLE=root"], ["JOBD_OWNER=é"]] {
            let request = HTTPRequest(parameters: parameters)
            let refusal = #expect(throws: Refusal.self) { try Context(of: request, patience: .seconds(1)) }
            #expect(refusal?.code == .invalidRequest)
        }
    }

    @Test func theDaemonIsToldWhoAsks() throws {
        let request = HTTPRequest(parameters: ["JOBD_ROLE=observer", "JOBD_OWNER=a@b", "REMOTE_ADDR=::1"])
        let caller = try Context(of: request, patience: .seconds(1)).caller
        #expect(caller == Caller(role: .observer, owner: "a@b", address: "::1"))
    }

    private static func path(_ entry: APIDocument.Entry) -> String {
        entry.pattern.text.split(separator: "/").map { "/" + ($0.hasPrefix("{") ? "a" : $0) }.joined()
    }
}
