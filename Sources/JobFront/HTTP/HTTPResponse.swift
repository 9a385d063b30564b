package import NIOCore

/// What a request is answered with.
package struct HTTPResponse: Sendable {
    package enum Content: Sendable {
        case none
        case bytes(ByteBuffer)
        /// A part of a file, which is read while it is sent.
        case file(FilePart)
        /// Events as they come; the response ends when the source ends it.
        case events(NIOLoopBound<any EventSource>)
        /// Messages both ways, behind a response that only begins them; for requests that may open a socket.
        case socket(NIOLoopBound<SocketSession>)

        /// The bytes that are here.
        package var byteCount: Int { if case .bytes(let bytes) = self { bytes.readableBytes } else { 0 } }
    }

    package struct Header: Hashable, Sendable {
        package let name: String
        package let value: String

        /// Makes a header; a value cannot end its line, so a control character in it becomes a space.
        package init(name: String, value: String) {
            self.name = name
            self.value =
                value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
                ? value
                : String(decoding: value.utf8.map { $0 >= 0x20 && $0 != 0x7F ? $0 : 0x20 }, as: UTF8.self)
        }
    }

    package let status: Int
    package var headers: [Header]
    package let body: Content

    package init(_ status: Int, headers: [Header] = [], body: Content = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A response with JSON.
    static func json(_ status: Int, _ body: ByteBuffer, headers: [Header] = []) -> HTTPResponse {
        HTTPResponse(status, headers: [jsonType] + headers, body: .bytes(body))
    }

    private static let jsonType = Header(name: "Content-Type", value: "application/json")

    /// Whether it has a header, in the writing that the front itself uses.
    func has(_ name: String) -> Bool { headers.contains { $0.name == name } }

    /// The status and the headers in CGI's form, with the empty line.
    ///
    /// `Location` goes before `Status`: some web servers take the last of the two, and it for a redirection.
    package func writeHead(into head: inout ByteBuffer) {
        // Appending a small piece to an array costs a fraction of what writing it into a buffer costs.
        var text: [UInt8] = []
        text.reserveCapacity(512)
        for header in headers where header.name == "Location" { Self.write(header.name, header.value, into: &text) }
        for piece in ["Status: ", String(status), " ", Self.phrase(of: status), "\r\n"] {
            text.append(contentsOf: piece.utf8)
        }
        for header in headers where header.name != "Location" { Self.write(header.name, header.value, into: &text) }
        switch body {
        case .none where status == 204 || status == 304: break
        case .none: Self.write("Content-Length", "0", into: &text)
        case .bytes(let bytes): Self.write("Content-Length", String(bytes.readableBytes), into: &text)
        case .file(let part): Self.write("Content-Length", String(part.range.count), into: &text)
        case .events, .socket: break
        }
        text.append(contentsOf: "\r\n".utf8)
        head.writeBytes(text)
    }

    private static func write(_ name: String, _ value: String, into text: inout [UInt8]) {
        text.append(contentsOf: name.utf8)
        text.append(contentsOf: ": ".utf8)
        text.append(contentsOf: value.utf8)
        text.append(contentsOf: "\r\n".utf8)
    }

    /// The registered words for a status.
    package static func phrase(of status: Int) -> String {
        switch status {
        case 101: "Switching Protocols"
        case 200: "OK"
        case 201: "Created"
        case 202: "Accepted"
        case 204: "No Content"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 415: "Unsupported Media Type"
        case 416: "Range Not Satisfiable"
        case 421: "Misdirected Request"
        case 423: "Locked"
        case 426: "Upgrade Required"
        case 429: "Too Many Requests"
        // Of tus.
        case 460: "Checksum Mismatch"
        case 503: "Service Unavailable"
        case 507: "Insufficient Storage"
        default: "Internal Server Error"
        }
    }
}
