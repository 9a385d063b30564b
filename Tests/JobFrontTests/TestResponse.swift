/// What an answer says.
struct TestResponse: Sendable {
    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    private(set) var body: [UInt8] = []

    /// Reads a head in CGI's form, and what follows it.
    init(_ bytes: [UInt8]) {
        let mark = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return }
        for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            headers[String(parts[0])] = String(parts[1].drop { $0 == " " })
        }
        status = headers["Status"].flatMap { Int($0.prefix(3)) } ?? 0
        body = Array(bytes[(end + mark.count)...])
    }

    var text: String { String(decoding: body, as: UTF8.self) }
}
