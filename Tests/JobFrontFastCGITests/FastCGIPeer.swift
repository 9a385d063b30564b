import JobFrontTesting

/// The web server's end of one FastCGI connection; its methods block, so tests call them through ``onOwnThread(_:)``.
final class FastCGIPeer: Sendable {
    struct Response: Sendable {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Whether the request was ended as it should be, and not by the connection's end.
        var isComplete = false

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    private let connection: UnixPeer

    init(path: String) throws { connection = try UnixPeer(path: path) }

    // MARK: Requests

    /// The bytes of a whole request, whose `CONTENT_LENGTH` is `announced`, or the body's own when nil.
    static func request(
        _ method: String, _ target: String, headers: [String: String] = [:], body: [UInt8] = [], announced: Int? = nil,
        keepsConnection: Bool = false
    ) -> [UInt8] {
        var parameters = [
            "REQUEST_METHOD": method, "REQUEST_URI": target, "SERVER_SOFTWARE": "test", "UNKNOWN": "1",
            "JOBD_ROLE": "operator",
        ]
        for (name, value) in headers { parameters[name] = value }
        if !body.isEmpty || announced != nil { parameters["CONTENT_LENGTH"] = String(announced ?? body.count) }
        var content: [UInt8] = []
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            for length in [name.utf8.count, value.utf8.count] {
                content +=
                    length < 128 ? [UInt8(length)] : withUnsafeBytes(of: UInt32(length | 1 << 31).bigEndian, Array.init)
            }
            content += Array(name.utf8) + Array(value.utf8)
        }
        var bytes = record(1, [0, 1, keepsConnection ? 1 : 0, 0, 0, 0, 0, 0])
        for kind in [(UInt8(4), content), (UInt8(5), body)] {
            for start in stride(from: 0, to: kind.1.count, by: 32_768) {
                bytes += record(kind.0, Array(kind.1[start..<min(start + 32_768, kind.1.count)]))
            }
            bytes += record(kind.0, [])
        }
        return bytes
    }

    static func record(_ kind: UInt8, _ content: [UInt8], requestId: UInt8 = 1) -> [UInt8] {
        [1, kind, 0, requestId, UInt8(content.count >> 8), UInt8(content.count & 255), 0, 0] + content
    }

    func send(_ bytes: some Collection<UInt8>) throws { try connection.send(bytes) }

    /// Sends a byte whenever nothing has come back for a tenth of a second, until something has.
    func sendUntilAnswered(_ bytes: some Collection<UInt8>) {
        for byte in bytes {
            // Whoever answers may close its end just before a byte is sent.
            guard !connection.isReadable(within: 100), (try? send(CollectionOfOne(byte))) != nil else { return }
        }
    }

    // MARK: Responses

    /// The content of the next STDOUT record; nil at the end of the request, empty at the end of the output.
    func readOutput() throws -> [UInt8]? {
        guard let record = try readRecord(), record.kind == 6 else { return nil }
        return record.content
    }

    /// The next record; nil at the end of the connection.
    func readRecord() throws -> (kind: UInt8, requestId: Int, content: [UInt8])? {
        guard let header = try connection.read(8), header[0] == 1 else { return nil }
        let content = try connection.read(Int(header[4]) << 8 | Int(header[5])) ?? []
        _ = try connection.read(Int(header[6]))
        return (header[1], Int(header[2]) << 8 | Int(header[3]), content)
    }

    /// Reads until the connection ends.
    func readResponse() throws -> Response {
        var output: [UInt8] = []
        var response = Response()
        var isAtEnd = false
        while let content = try readOutput() {
            if isAtEnd { throw UnixPeer.Failed(call: "output after its end") }
            isAtEnd = content.isEmpty
            output += content
        }
        response.isComplete = isAtEnd
        let text = String(decoding: output, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n") else { return response }
        for line in text[..<end.lowerBound].split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            response.headers[String(parts[0])] = String(parts[1].drop { $0 == " " })
        }
        response.status = response.headers["Status"].flatMap { Int($0.prefix(3)) } ?? 0
        response.body = Array(output[(text.utf8.distance(from: text.startIndex, to: end.upperBound))...])
        return response
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? {
        let (own, other) = (Array(utf8), Array(text.utf8))
        guard let start = own.indices.first(where: { own[$0...].starts(with: other) }) else { return nil }
        let lower = utf8.index(startIndex, offsetBy: start)
        return lower..<utf8.index(lower, offsetBy: other.count)
    }
}
