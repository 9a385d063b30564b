import JSON
@testable import JobFront
import JobModel
import JobWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ProblemTests {
    @Test func aRefusalBecomesAProblemWithItsDetails() throws {
        let refusal = Refusal(
            .jobGone, "The job a was deleted.", pointer: "/jobId",
            details: ["jobStatus": "failed", "status": "not this one", "goneAt": .null])
        let response = Problem.response(refusal)
        #expect(response.status == 410)
        #expect(response.headers.contains(.init(name: "Content-Type", value: "application/problem+json")))
        #expect(
            try json(response) == [
                "type": "about:blank", "title": "Gone", "status": 410, "detail": "The job a was deleted.",
                "code": "job-gone", "pointer": "/jobId", "jobStatus": "failed", "goneAt": .null,
            ])
    }

    @Test(arguments: ErrorCode.allCases)
    func whatMayBeTriedAgainSaysWhen(code: ErrorCode) {
        let response = Problem.response(Refusal(code, "No."))
        #expect(response.headers.contains { $0.name == "Retry-After" } == [429, 503, 507].contains(response.status))
        #expect(code == .internalError || HTTPResponse.phrase(of: response.status) != "Internal Server Error")
    }

    @Test func anUnknownErrorTellsNothing() throws {
        struct Secret: Error {}
        let response = Problem.response(for: Secret())
        #expect(response.status == 500)
        #expect(try json(response)["code"] == "internal")
    }

    private func json(_ response: HTTPResponse) throws -> JSONValue {
        guard case .bytes(let bytes) = response.body else { return .null }
        return try JSONValue.parse(bytes.readableBytesView)
    }
}
