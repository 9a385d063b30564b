import JSON
@testable import JobFront
import JobModel
import JobWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct HTTPTextTests {
    @Test(arguments: [
        ("/api/jobs/a%2Fb/logs?x=1", ["api", "jobs", "a/b", "logs"]), ("/api/jobs/", ["api", "jobs", ""]),
        ("/%C3%A4", ["ä"]),
    ])
    func aPathIsSplitBeforeItIsDecoded(target: String, segments: [String]) {
        #expect(HTTPRequest(parameters: ["REQUEST_URI=\(target)"]).segments == segments)
    }

    @Test(arguments: ["/%", "/%f", "/%zz", "/%ff"])
    func aPathThatIsNoTextHasNoSegments(target: String) {
        #expect(HTTPRequest(parameters: ["REQUEST_URI=\(target)"]).segments == nil)
    }

    @Test func queryItemsAreDecoded() throws {
        let query = try HTTPQuery("a=1+2&b=%C3%A4&c&a=3&%62=x&=y&&d=a=b")
        #expect(query["a"] == "1 2")
        #expect(query["b"] == "ä")
        #expect(query["c"] == "")
        #expect(query["d"] == "a=b")
        #expect(query["e"] == nil)
    }

    @Test(
        arguments: [
            ("a=%ff", "/a"), ("a=%", "/a"), ("a=%zz", "/a"), ("a=1&b/c=%e9", "/b~1c"), ("a=%&a=1", "/a"),
            ("%61=%4", "/a"), ("%ff=1", nil),
        ] as [(String, String?)])
    func aQueryThatIsNotTextIsRefused(text: String, pointer: String?) {
        let refusal = #expect(throws: Refusal.self) { try HTTPQuery(text) }
        #expect(refusal?.code == .invalidRequest)
        #expect(refusal?.pointer == pointer)
    }

    @Test func whatARouteTakesIsSaidOnce() throws {
        let query = try HTTPQuery("a=1&b=2&%61=1&b=3")
        #expect(throws: Refusal.self) { try query.check(["a"]) }
        #expect(throws: Never.self) { try query.check(["c"]) }
    }

    @Test func numbersOfAQueryArePassedOnAsNumbersAndTheRestAsText() throws {
        let params = try HTTPQuery("limit=5&status=a,b&cursor=&q=7").parameters(
            ["limit", "status", "q"], numbers: ["limit"])
        #expect(params == ["limit": 5, "status": "a,b", "q": "7"])
        #expect(try HTTPQuery("limit=many").parameters(["limit"], numbers: ["limit"]) == ["limit": "many"])
    }

    @Test func headersAreFoundByTheirWholeName() {
        let request = HTTPRequest(parameters: [
            "HTTP_RANGES=no", "HTTP_RANGE=bytes=0-", "HTTP_EMPTY=", "CONTENT_TYPE=Text/Plain; charset=x",
            "CONTENT_LENGTH=12", "REQUEST_METHOD=PUT", "REMOTE_ADDR=::1",
        ])
        #expect(request.header("RANGE") == "bytes=0-")
        #expect(request.header("EMPTY") == nil)
        #expect(!request.isForm)
        #expect(request.contentLength == 12)
        #expect(request.method == "PUT")
        #expect(request.remoteAddress == "::1")
    }

    @Test(arguments: [
        ("Multipart/Form-Data; boundary=x", true), ("multipart/form-data", true), ("multipart/form-data ;a=b", true),
        ("multipart/form-datax", false), ("multipart/mixed", false), ("", false),
    ])
    func formsAreKnownByTheirType(type: String, isForm: Bool) {
        #expect(HTTPRequest(parameters: ["CONTENT_TYPE=\(type)"]).isForm == isForm)
    }

    @Test(arguments: [
        ("\"7\"", true), ("W/\"7\"", true), ("*", true), ("\"1\", W/\"7\"", true), ("\"a, b\", \"7\"", true),
        ("\"a,\"7\",\"", false),
        ("\"77\"", false), ("7", false), ("", false), ("\"1\",\"2\"", false),
    ])
    func ifNoneMatchIsComparedWeakly(header: String, matches: Bool) {
        #expect(EntityTag.matches(header, "\"7\"") == matches)
    }

    @Test(
        arguments: [
            ("1795507759.738-ffffffffffffffff0000000000000024", "job_1795507759738_1264sgsf00000010"),
            (nil, nil), ("", nil), ("-", nil), ("1795507759.738", nil), ("1795507759.738-24", nil),
            ("179550775.738-ffffffffffffffff0000000000000024", nil),
            ("1795507759.738-ffffffffffffffff000000000000002g", nil),
            ("x795507759.738-ffffffffffffffff0000000000000024", nil),
        ] as [(String?, String?)])
    func aRequestMakesTheSameIdAtEveryFront(key: String?, id: String?) {
        #expect(JobID(requestKey: key)?.description == id)
    }

    @Test(arguments: [
        ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
        ("bytes=-99", .part(0..<10)), ("bytes=3-999", .part(3..<10)), ("bytes=9-9", .part(9..<10)),
        ("bytes=10-", .notSatisfiable), ("bytes=-0", .notSatisfiable), ("bytes=99999999999999999999-", .notSatisfiable),
        ("bytes=0-99999999999999999999", .part(0..<10)), ("bytes=5-4", .whole), ("bytes=0-1,3-4", .whole),
        ("Bytes=0-0", .part(0..<1)),
        ("bytes=-", .whole), ("bytes=a-b", .whole), ("lines=0-1", .whole), ("bytes=+1-2", .whole),
    ])
    func aRangeIsReadAsRFC9110Says(header: String, range: ByteRange) {
        #expect(ByteRange(header, size: 10) == range)
    }

    @Test func nothingCanBeTakenFromNothing() {
        #expect(ByteRange("bytes=0-", size: 0) == .notSatisfiable)
        #expect(ByteRange("bytes=-5", size: 0) == .notSatisfiable)
        #expect(ByteRange(nil, size: 0) == .whole)
    }

    @Test(
        arguments: [
            ("attachment; filename=a.pdf", "a.pdf"), ("attachment; filename=\"a; b\\\"c.pdf\"", "a; b\"c.pdf"),
            ("attachment; filename=\"x\"; filename*=UTF-8''%e2%82%ac.pdf", "€.pdf"),
            ("attachment; FileName = \"y\"", "y"), ("attachment; filename*=latin1''%ff; filename=z", "z"),
            ("attachment; filename=\"\u{301}a.pdf\"", "\u{301}a.pdf"), ("attachment; filename=\u{308}; x=y", "\u{308}"),
            ("attachment", nil), ("filename=first", nil),
        ] as [(String, String?)])
    func theFileNameOfAContentDispositionIsFound(header: String, name: String?) {
        #expect(ContentDisposition.fileName(header) == name)
    }

    @Test(
        arguments: [
            (#"form-data; name="f"; filename="a \"b\" c.pdf""#, #"a "b" c.pdf"#),
            (#"form-data; name="f"; filename="a\\b\"c""#, #"a\b"c"#),
            (#"form-data; name="f"; filename="a\b""#, #"a\b"#),
            (#"form-data; name="f"; filename="a\""#, #"a\"#), (#"form-data; name="f"; filename="a%22b""#, #"a"b"#),
            (#"form-data; name="f"; filename*=UTF-8''%ff"#, ""),
            (#"form-data; name="f"; filename*=UTF-8''%c3%a4"#, "ä"),
            (#"form-data; name="f""#, nil),
        ] as [(String, String?)])
    func aFilesNameInAFormIsReadAsItWasEscaped(header: String, name: String?) throws {
        let form = try #require(ContentDisposition.form(header))
        #expect(form.name == "f")
        #expect(form.fileName == name)
    }

    @Test func aDigestIsReadAndWritten() throws {
        let digits = String(repeating: "0aff", count: 16)
        let text = try #require(ReprDigest.text(sha256: digits))
        #expect(try ReprDigest.sha256(text) == digits)
        #expect(try ReprDigest.sha256("sha-512=:AAAA:, \(text)") == digits)
        #expect(try ReprDigest.sha256("sha-512=:AAAA:") == nil)
        #expect(try ReprDigest.sha256(nil) == nil)
        #expect(ReprDigest.text(sha256: "short") == nil)
    }

    /// RFC 9651: what other members say, and in which form, is theirs; the last of several with one key counts.
    @Test(arguments: [
        #"md5="a, sha-256=:AAAA:", "#, "sha-256=:AAAA:, ", "unixsum=30637,\t", "a;b=?1;c, *x=(1 2.5 :YQ==:);q=0.9 ,  ",
        "d=@1659578233, ", #"s="\"\\", "#, #"t=%"f%c3%bc", "#, "SHA=tok/en:x, ",
    ])
    func othersBesideADigestAreTheirs(before: String) throws {
        let digits = String(repeating: "0aff", count: 16)
        let text = try #require(ReprDigest.text(sha256: digits))
        let isValid = !before.hasPrefix("SHA")
        if isValid {
            #expect(try ReprDigest.sha256(before + text) == digits)
        } else {
            #expect(throws: Refusal.self) { try ReprDigest.sha256(before + text) }
        }
        #expect(try ReprDigest.sha256("\(text);level=9") == digits)
    }

    @Test(arguments: [
        "sha-256=:AAAA:", "sha-256=x", "sha-256=:", "sha-256=:!!!:", "sha-256", "sha-256=", ",", "a,", "a b", "=1",
        "a=(1",
        #"a="x"#, "a=1.", "a=-", "a=?2", "Sha-256=1", "a=:YQ==", "a;=1", "ä=1", "a=1234567890123456",
    ])
    func aDigestThatIsNoneIsRefused(header: String) {
        #expect(throws: Refusal.self) { try ReprDigest.sha256(header) }
    }
}
