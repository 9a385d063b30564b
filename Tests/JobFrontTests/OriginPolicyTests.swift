import JobWire
import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct OriginPolicyTests {
    private let policy = OriginPolicy(allowed: ["https://App.example.com"])

    @Test(arguments: [
        [], ["HTTP_ORIGIN=http://jobs.example.com"], ["HTTP_ORIGIN=https://JOBS.example.com:443"],
        ["HTTP_SEC_FETCH_SITE=same-origin"],
        ["HTTP_SEC_FETCH_SITE=same-origin", "HTTP_ORIGIN=http://localhost:5173"], ["HTTP_SEC_FETCH_SITE=none"],
        ["HTTP_SEC_FETCH_SITE=same-site"],
        ["HTTP_ORIGIN=https://app.example.com", "HTTP_SEC_FETCH_SITE=cross-site"],
    ])
    func whoMayChangeSomething(headers: [String]) {
        #expect(policy.refusal(of: request("POST", headers)) == nil)
    }

    @Test(arguments: [
        ["HTTP_ORIGIN=null"], ["HTTP_ORIGIN=https://evil.example.com"], ["HTTP_ORIGIN=http://jobs.example.com:8080"],
        ["HTTP_ORIGIN=jobs.example.com"], ["HTTP_ORIGIN=https://jobs.example.com.evil.com"],
        ["HTTP_SEC_FETCH_SITE=cross-site"], ["HTTP_ORIGIN=http://app.example.com"],
    ])
    func whoMayNot(headers: [String]) {
        for method in ["POST", "PATCH", "DELETE", "PUT"] {
            #expect(policy.refusal(of: request(method, headers))?.code == .forbidden)
        }
        #expect(policy.refusal(of: request("GET", headers)) == nil)
    }

    @Test func onlyAPageThatWasNamedMayReadTheAnswer() {
        let named = ["HTTP_ORIGIN=https://app.example.com", "HTTP_ACCESS_CONTROL_REQUEST_METHOD=PATCH"]
        #expect(policy.headers(for: request("GET", named)).map(\.name).contains("Access-Control-Allow-Origin"))
        #expect(policy.headers(for: request("OPTIONS", named)).map(\.name).contains("Access-Control-Allow-Methods"))
        #expect(policy.headers(for: request("OPTIONS", ["HTTP_ORIGIN=https://evil.example.com"])).isEmpty)
        #expect(policy.headers(for: request("GET", [])).isEmpty)
    }

    private func request(_ method: String, _ headers: [String]) -> HTTPRequest {
        HTTPRequest(parameters: ["REQUEST_METHOD=\(method)", "HTTP_HOST=jobs.example.com"] + headers)
    }
}
