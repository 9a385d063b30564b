import Glibc

/// One end of a connection to a Unix socket; its methods block, so tests call them through `onOwnThread`.
package final class UnixPeer: Sendable {
    package struct Failed: Error {
        let call: String
        let code: CInt

        /// With the code that the call left.
        package init(call: String) {
            self.call = call
            code = errno
        }
    }

    private let descriptor: CInt

    /// Connects to the socket at a path.
    package init(path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(call: "socket") }
        var limit = timeval(tv_sec: 200, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard Self.withAddress(path, { connect(descriptor, $0, $1) }) == 0 else { throw Failed(call: "connect") }
    }

    deinit { close(descriptor) }

    /// A socket that listens at a path.
    package static func listen(at path: String) throws -> CInt {
        let listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard withAddress(path, { bind(listening, $0, $1) }) == 0 else { throw Failed(call: "bind") }
        guard Glibc.listen(listening, 1024) == 0 else { throw Failed(call: "listen") }
        return listening
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(107)) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    package func send(_ bytes: some Collection<UInt8>) throws {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Failed(call: "send") }
            rest = rest.dropFirst(count)
        }
    }

    /// Whether something has come, or comes within so many milliseconds.
    package func isReadable(within milliseconds: CInt) -> Bool {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, milliseconds) > 0
    }

    /// Exactly so many bytes; nil when the connection ends before the last of them.
    package func read(_ count: Int) throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let start = filled
            let result = bytes.withUnsafeMutableBytes { bytes in
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
                return recv(descriptor, rest.baseAddress, rest.count, 0)
            }
            // A signal for the process, or a stop of it, interrupts a wait that has a limit.
            if result < 0, errno == EINTR { continue }
            if result < 0, errno == ECONNRESET { return nil }
            guard result >= 0 else { throw Failed(call: "recv") }
            guard result > 0 else { return nil }
            filled += result
        }
        return bytes
    }
}
