import JSON
@testable import JobFront
import JobModel
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct JSONBodyTests {
    @Test func anEmptyBodyHasNoMembers() throws {
        #expect(try JSONBody.object(request("")) == [:])
        #expect(try JSONBody.object(request(" {} ")) == [:])
    }

    @Test(arguments: ["[]", "1", "{", "{}{}", "{},{}", "1],[2", "{\"a\":1,\"a\":2}", "\u{1}", "nul"])
    func whatIsNoObjectIsRefused(body: String) {
        #expect(throws: Refusal.self) { try JSONBody.object(request(body)) }
    }

    @Test func aBodyThatFitsIsReadableForTheDaemonToo() throws {
        func nested(_ depth: Int) -> String {
            "{\"metadata\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        let object = try JSONBody.object(request(nested(64)))
        let line: JSONValue = [["params": .object(object)]]
        #expect(throws: Never.self) { try JSONValue.parse(line.bytes) }
        #expect(throws: Refusal.self) { try JSONBody.object(request(nested(65))) }
        #expect(throws: Refusal.self) { try JSONBody.object(request(nested(75))) }
        #expect(throws: Refusal.self) { try JSONBody.object(request(nested(100_000))) }
    }

    @Test func theIdOfThePathIsAdded() throws {
        #expect(try JSONBody.object(request("{\"a\":1}"), adding: "jobId", "j") == ["a": 1, "jobId": "j"])
        #expect(throws: Refusal.self) { try JSONBody.object(request("{\"jobId\":\"k\"}"), adding: "jobId", "j") }
    }

    @Test func formsAreNotTaken() {
        let form = HTTPRequest(parameters: ["CONTENT_TYPE=multipart/form-data; boundary=x"])
        #expect(throws: Refusal.self) { try JSONBody.object(form) }
    }

    private func request(_ body: String) -> HTTPRequest {
        var request = HTTPRequest(parameters: [])
        request.body = Array(body.utf8)
        return request
    }
}
