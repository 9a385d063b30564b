import Glibc
import NIOCore
import NIOPosix

/// A web server's end of one connection for WebSockets; its methods block, so tests call them through `onOwnThread`.
final class WebSocketPeer: Sendable {
    struct Failed: Error {
        let call: String
        let code = errno
    }

    struct Frame: Hashable, Sendable {
        var opcode: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// The code of a close frame.
        var code: Int? { opcode == 8 && payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil }
    }

    private let descriptor: CInt

    init(path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(call: "socket") }
        var limit = timeval(tv_sec: 200, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = unixAddress(path)
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        guard result == 0 else { throw Failed(call: "connect") }
    }

    deinit { close(descriptor) }

    func send(_ frames: ClientFrame...) throws { try send(frames.flatMap(\.bytes)) }

    func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failed(call: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// The head of an answer, with its empty line.
    func readHead() throws -> String {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let byte = try read(1) else { return String(decoding: bytes, as: UTF8.self) }
            bytes += byte
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What comes until the end.
    func readRest() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try read(1) { bytes += byte }
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
        guard let head = try read(2) else { return nil }
        let extra = head[1] == 126 ? 2 : head[1] == 127 ? 8 : 0
        let length = try read(extra)?.reduce(0) { $0 << 8 | Int($1) } ?? 0
        return Frame(opcode: head[0] & 15, payload: try read(extra == 0 ? Int(head[1]) : length) ?? [])
    }

    private func read(_ count: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let result = bytes.withUnsafeMutableBytes { bytes in
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
                return recv(descriptor, rest.baseAddress, rest.count, 0)
            }
            if result < 0, errno == ECONNRESET { return nil }
            guard result >= 0 else { throw Failed(call: "recv") }
            guard result > 0 else { return nil }
            filled += result
        }
        return bytes
    }
}

func unixAddress(_ path: String) -> sockaddr_un {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
    return address
}
