import JobFrontTesting

/// A web server's end of one connection for WebSockets; its methods block, so tests call them through `onOwnThread`.
final class WebSocketPeer: Sendable {
    struct Frame: Hashable, Sendable {
        var opcode: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a close frame.
        var code: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    private let connection: UnixPeer

    init(path: String) throws { connection = try UnixPeer(path: path) }

    func send(_ frames: ClientFrame...) throws { try send(frames.flatMap(\.bytes)) }

    func send(_ bytes: some Collection<UInt8>) throws { try connection.send(bytes) }

    /// The head of an answer, with its empty line.
    func readHead() throws -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = try connection.read(1) else { return String(decoding: bytes, as: UTF8.self) }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What comes until the end.
    func readRest() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try connection.read(1) { bytes += byte }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The next frame that is not a ping, which may come at any time; nil at the end of the connection.
    func readFrame() throws -> Frame? {
        while let frame = try readAnyFrame() {
            if frame.opcode != 9 { return frame }
        }
        return nil
    }

    private func readAnyFrame() throws -> Frame? {
        guard let head = try connection.read(2) else { return nil }
        let extra = head[1] == 126 ? 2 : head[1] == 127 ? 8 : 0
        let length = try connection.read(extra)?.reduce(0) { $0 << 8 | Int($1) } ?? 0
        return Frame(opcode: head[0] & 15, payload: try connection.read(extra == 0 ? Int(head[1]) : length) ?? [])
    }
}
