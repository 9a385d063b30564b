/// Reads server-sent events from an open stream, which ends with it.
actor StreamReader {
    struct Event: Hashable, Sendable {
        var fields: [String: String] = [:]

        var id: String? { fields["id"] }
        var data: String? { fields["data"] }
    }

    private var parts: AsyncStream<[UInt8]>.AsyncIterator
    private var unread: [UInt8] = []

    init(_ output: AsyncStream<[UInt8]>) { parts = output.makeAsyncIterator() }

    /// The head of the response, as text.
    func head() async -> String { await next("\r\n\r\n") ?? "" }

    /// The next block of fields that is not a comment; nil at the end of the stream.
    func next() async -> Event? {
        while let block = await next("\n\n") {
            var event = Event()
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                let parts = line.split(separator: ":", maxSplits: 1)
                event.fields[String(parts[0])] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            }
            if !event.fields.isEmpty { return event }
        }
        return nil
    }

    /// What comes before the next comment of this text, which is passed over; nil when the stream ends before it.
    func next(beforeComment text: String) async -> String? { await next(": \(text)\n") }

    private func next(_ end: String) async -> String? {
        let mark = Array(end.utf8)
        while true {
            if let index = unread.indices.first(where: { unread[$0...].starts(with: mark) }) {
                defer { unread.removeFirst(index + mark.count) }
                return String(decoding: unread[..<index], as: UTF8.self)
            }
            var parts = parts
            guard let part = await parts.next(isolation: self) else { return nil }
            self.parts = parts
            unread += part
        }
    }
}
