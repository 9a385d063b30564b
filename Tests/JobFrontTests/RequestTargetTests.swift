import Testing

@testable import JobFront

struct RequestTargetTests {
    @Test(
        arguments: [
            ("/a/b?c=d?e", nil, "/a/b", "c=d?e"), ("http://h:1/a?b", "h:1", "/a", "b"), ("HTTP://h", "h", "/", ""),
            ("https://h?b", "h", "/", "b"), ("/a://b/c", nil, "/a://b/c", ""), ("*", nil, "*", ""), ("/", nil, "/", ""),
        ] as [(String, String?, String, String)])
    func aTargetIsAPathOrAWholeAddress(text: String, authority: String?, path: String, query: String) {
        let target = RequestTarget(text)
        #expect(target.authority == authority)
        #expect(target.path == path)
        #expect(target.query == query)
    }

    @Test func withoutATargetCGIsOwnParametersCount() {
        let request = HTTPRequest(parameters: [
            "SCRIPT_NAME=/api", "PATH_INFO=/jobs/a%b?c/ä", "QUERY_STRING=x=%31",
        ])
        #expect(request.segments == ["api", "jobs", "a%b?c", "ä"])
        #expect(request.query["x"] == "1")
        #expect(HTTPRequest(parameters: ["REQUEST_URI=/b", "SCRIPT_NAME=/a"]).segments == ["b"])
    }

    @Test(arguments: ["-1", "-9223372036854775808", "abc", "", "1e3"])
    func aLengthThatIsNotOneIsNotAnnounced(text: String) {
        #expect(HTTPRequest(parameters: ["CONTENT_LENGTH=\(text)"]).contentLength == nil)
    }
}
