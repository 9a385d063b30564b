import Glibc

/// Where nginx listens.
struct LocalURL: CustomStringConvertible {
    let port: UInt16

    var description: String { "http://127.0.0.1:\(port)" }

    /// Listens on 127.0.0.1.
    ///
    /// The socket never blocks, because nginx expects that of one that it is given. Port 0 is any that is free.
    static func listen(port: UInt16) throws(Dev.Failure) -> (url: LocalURL, socket: CInt) {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(AF_INET, flags, 0)
        var reuse: CInt = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        var address = loopback(port)
        let isOpen = withSocketAddress(&address) { bind(socket, $0, $1) == 0 && Glibc.listen(socket, 4096) == 0 }
        guard isOpen else {
            let reason = String(cString: strerror(errno))
            close(socket)
            throw Dev.Failure(
                description: "The port \(port) of 127.0.0.1 cannot be had (\(reason)); choose another --port.")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withSocketAddress(&address) { pointer, _ in getsockname(socket, pointer, &length) }
        return (LocalURL(port: UInt16(bigEndian: address.sin_port)), socket)
    }

    /// The status of the answer to a GET request; nil when there was none within a second.
    func status(of path: String) -> Int? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = Self.loopback(port)
        guard Self.withSocketAddress(&address, { connect(socket, $0, $1) }) == 0 else { return nil }
        let request = Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        guard send(socket, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else { return nil }
        var start = [UInt8](repeating: 0, count: 12)
        let count = recv(socket, &start, start.count, CInt(MSG_WAITALL))
        // HTTP/1.1 200
        return count == 12 ? Int(String(decoding: start[9...], as: UTF8.self)) : nil
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func withSocketAddress<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
