import JSON
import JobFrontTesting
import JobModel
import JobTesting
import JobWire
import NIOCore
import Testing

@testable import JobFront

/// The routes of those who work elsewhere.
@Suite(.timeLimit(.minutes(5)))
struct WorkRouteTests {
    private static let operatorRole = ["JOBD_ROLE": "operator"]

    @Test func aClaimOverHTTPHasALeaseOfATime() async throws {
        let script: StubDaemon.Script = { $0.method == .claimWork ? .result(["jobs": []]) : nil }
        try await withFront(script: script) { (front) async throws in
            try await front.connected()
            for (body, seconds) in [(#"{"queues":["a"]}"#, 60), (#"{"queues":["a"],"leaseSeconds":7}"#, 7)] {
                let response = try await front.send(
                    "POST", "/api/jobd/work/claim", headers: Self.operatorRole, body: body)
                #expect(response.status == 200)
                #expect(
                    front.daemon.calls.last { $0.method == .claimWork }?.params["leaseSeconds"] == JSONValue(seconds))
            }
        }
    }

    @Test func aLeaseThatIsLostIs409() async throws {
        let script: StubDaemon.Script = { call in
            call.method == .releaseWork ? .refusal(Refusal(.leaseLost, "It is lost.")) : nil
        }
        try await withFront(script: script) { (front) async throws in
            let response = try await front.send(
                "POST", "/api/jobd/work/release", headers: Self.operatorRole, body: #"{"jobId":"a","token":"b"}"#)
            #expect(response.status == 409 && response.text.contains("lease-lost"))
        }
    }
}
