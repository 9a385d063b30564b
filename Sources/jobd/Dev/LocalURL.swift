import Glibc
import JobFront

/// Where nginx listens: on 127.0.0.1, and on ::1 where it can, because `localhost` may be either.
struct LocalURL: CustomStringConvertible {
    /// How often another port is tried, when one is free on 127.0.0.1 only.
    private static let tries = 20

    let port: UInt16
    let isOnIPv6: Bool

    var description: String { "http://127.0.0.1:\(port)" }

    /// Listens; port 0 is any that is free.
    ///
    /// The sockets never block, because nginx expects that of those that it is given.
    static func listen(port: UInt16) throws(Dev.Failure) -> (url: LocalURL, sockets: [CInt]) {
        for _ in 1..<tries {
            let (free, socket) = try listenOnIPv4(port)
            guard let other = listenOnIPv6(free) else {
                // Another program has it there, or there is no IPv6 here.
                guard port == 0, errno == EADDRINUSE else {
                    if errno == EADDRINUSE { Message.write("Another program listens on [::1]:\(port).") }
                    return (LocalURL(port: free, isOnIPv6: false), [socket])
                }
                close(socket)
                continue
            }
            return (LocalURL(port: free, isOnIPv6: true), [socket, other])
        }
        let (free, socket) = try listenOnIPv4(port)
        return (LocalURL(port: free, isOnIPv6: false), [socket])
    }

    private static func listenOnIPv4(_ port: UInt16) throws(Dev.Failure) -> (port: UInt16, socket: CInt) {
        let socket = makeSocket(AF_INET)
        var address = loopback(port)
        guard withSocketAddress(&address, { bind(socket, $0, $1) == 0 && Glibc.listen(socket, 4096) == 0 }) else {
            let reason = String(cString: strerror(errno))
            close(socket)
            throw Dev.Failure(
                description: "The port \(port) of 127.0.0.1 cannot be had (\(reason)); choose another --port.")
        }
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withSocketAddress(&address) { pointer, _ in getsockname(socket, pointer, &length) }
        return (UInt16(bigEndian: address.sin_port), socket)
    }

    /// Nil, with `errno`, when it cannot be had.
    private static func listenOnIPv6(_ port: UInt16) -> CInt? {
        let socket = makeSocket(AF_INET6)
        var only: CInt = 1
        setsockopt(socket, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        address.sin6_addr = in6addr_loopback
        if withSocketAddress(&address, { bind(socket, $0, $1) == 0 && Glibc.listen(socket, 4096) == 0 }) {
            return socket
        }
        let reason = errno
        close(socket)
        errno = reason
        return nil
    }

    private static func makeSocket(_ family: CInt) -> CInt {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(family, flags, 0)
        var reuse: CInt = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<CInt>.size))
        return socket
    }

    /// The beginning of the answer to a GET request, as text; nil when there was none within a second.
    func answer(to path: String) -> String? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return nil }
        defer { close(socket) }
        var patience = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = Self.loopback(port)
        guard Self.withSocketAddress(&address, { connect(socket, $0, $1) }) == 0 else { return nil }
        let request = Array("GET \(path) HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        guard send(socket, request, request.count, CInt(MSG_NOSIGNAL)) == request.count else { return nil }
        var start = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &start, start.count, CInt(MSG_WAITALL))
        return count > 0 ? String(decoding: start[..<count], as: UTF8.self) : nil
    }

    /// Whether jobs can be created: when no sandbox can be made for steps, they wait, and everything else goes on.
    var isReady: Bool {
        guard let answer = answer(to: "/api/health/ready") else { return false }
        // HTTP/1.1 200
        let status = answer.dropFirst(9).prefix(3)
        return status == "200" || status == "503" && answer.contains(Readiness.noSandbox)
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func withSocketAddress<Address, Result>(
        _ address: inout Address, _ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}
