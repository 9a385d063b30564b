import JobTesting
import Synchronization

/// Reads server-sent events from an open FastCGI connection.
final class SiteStream: Sendable {
    struct Event: Hashable, Sendable {
        var fields: [String: String] = [:]

        var id: String? { fields["id"] }
        var data: String? { fields["data"] }
    }

    let peer: FastCGIPeer
    private let unread = Mutex<[UInt8]>([])

    init(_ peer: FastCGIPeer) { self.peer = peer }

    /// The head of the response, as text.
    func head() async throws -> String { try await next("\r\n\r\n") ?? "" }

    /// The next block of fields that is not a comment; nil at the end of the stream.
    func next() async throws -> Event? {
        while let block = try await next("\n\n") {
            var event = Event()
            for line in block.split(separator: "\n") where !line.hasPrefix(":") {
                let parts = line.split(separator: ":", maxSplits: 1)
                event.fields[String(parts[0])] = parts.count == 2 ? String(parts[1].drop { $0 == " " }) : ""
            }
            if !event.fields.isEmpty { return event }
        }
        return nil
    }

    private func next(_ end: String) async throws -> String? {
        try await onOwnThread { [self] in
            let mark = Array(end.utf8)
            while true {
                let found: String? = unread.withLock { bytes in
                    guard let index = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else {
                        return nil
                    }
                    defer { bytes.removeFirst(index + mark.count) }
                    return String(decoding: bytes[..<index], as: UTF8.self)
                }
                if let found { return found }
                guard let content = try peer.readOutput(), !content.isEmpty else { return nil }
                unread.withLock { $0 += content }
            }
        }
    }
}
