import NIOCore
import Testing

@testable import JobFront

struct ServedTypeTests {
    @Test(arguments: [
        "text/html", "TEXT/HTML; charset=utf-8", "text/javascript", "application/javascript", "text/ecmascript",
        "application/x-javascript", "text/jscript", "text/livescript", "application/xhtml+xml", "text/xml",
        "application/xml", "image/svg+xml", "application/rss+xml", "text/css", "multipart/x-mixed-replace",
        "message/rfc822", "", "text", "*/*", "text/", "/plain", "a/b/c", "text /html", "text/html\u{0}",
    ])
    func whatABrowserWouldRunIsBytes(type: String) {
        #expect(ServedType.of(type, isUTF8: true) == "application/octet-stream")
    }

    @Test(
        arguments: [
            ("text/plain", true, "text/plain; charset=utf-8"), ("text/plain", false, "text/plain"),
            ("text/csv; header=present", true, "text/csv; header=present; charset=utf-8"),
            ("text/plain; charset=iso-8859-1", true, "text/plain; charset=iso-8859-1"),
            ("application/pdf", true, "application/pdf"), ("image/png", false, "image/png"),
            ("application/json", true, "application/json"),
            (
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document", false,
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
            ),
        ] as [(String, Bool, String)])
    func whatDoesNoHarmIsWhatItIs(type: String, isUTF8: Bool, served: String) {
        #expect(ServedType.of(type, isUTF8: isUTF8) == served)
    }

    @Test func aHeaderCannotEndItsLine() {
        let header = HTTPResponse.Header(name: "Content-Type", value: "text/plain\r\nSet-Cookie: a=b\u{0}\u{7F}é")
        #expect(header.value == "text/plain  Set-Cookie: a=b  é")
    }

    @Test func theLocationGoesBeforeTheStatus() {
        var head = ByteBuffer()
        HTTPResponse(201, headers: [.noStore, .init(name: "Location", value: "/a")]).writeHead(into: &head)
        #expect(String(buffer: head).hasPrefix("Location: /a\r\nStatus: 201 Created\r\nCache-Control: no-store\r\n"))
    }
}
