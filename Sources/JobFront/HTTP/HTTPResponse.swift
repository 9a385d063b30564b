import NIOCore

/// What a request is answered with.
struct HTTPResponse: Sendable {
    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// A part of a file, which is read while it is sent.
        case file(FilePart)
        /// Events as they come; the response ends when the source ends it.
        case events(NIOLoopBound<any EventSource>)

        /// The bytes that are here.
        var byteCount: Int { if case .bytes(let bytes) = self { bytes.readableBytes } else { 0 } }
    }

    struct Header: Hashable, Sendable {
        let name: String
        let value: String
    }

    var status: Int
    var headers: [Header]
    var body: Body

    init(_ status: Int, headers: [Header] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response with JSON that is not to be kept by anybody.
    static func json(_ status: Int, _ body: ByteBuffer, headers: [Header] = []) -> HTTPResponse {
        let own = [Header(name: "Content-Type", value: "application/json"), .noStore]
        return HTTPResponse(status, headers: own + headers, body: .bytes(body))
    }

    /// The status and the headers in CGI's form, with the empty line.
    func writeHead(into head: inout ByteBuffer) {
        head.writeStaticString("Status: ")
        head.writeString(String(status))
        head.writeStaticString(" ")
        head.writeString(Self.phrase(of: status))
        head.writeStaticString("\r\n")
        for header in headers { Self.write(header.name, header.value, into: &head) }
        switch body {
        case .none where status == 204 || status == 304: break
        case .none: Self.write("Content-Length", "0", into: &head)
        case .bytes(let bytes): Self.write("Content-Length", String(bytes.readableBytes), into: &head)
        case .file(let part): Self.write("Content-Length", String(part.range.count), into: &head)
        case .events: break
        }
        head.writeStaticString("\r\n")
    }

    private static func write(_ name: String, _ value: String, into head: inout ByteBuffer) {
        head.writeString(name)
        head.writeStaticString(": ")
        head.writeString(value)
        head.writeStaticString("\r\n")
    }

    /// RFC 9110's words for a status.
    static func phrase(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 410: "Gone"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 429: "Too Many Requests"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Internal Server Error"
        }
    }
}

extension HTTPResponse.Header {
    static let noStore = Self(name: "Cache-Control", value: "no-store")
    /// May be kept, but must be asked for again with its ETag.
    static let noCache = Self(name: "Cache-Control", value: "no-cache")
}
