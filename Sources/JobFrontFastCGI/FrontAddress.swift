import Glibc
package import JobSystem

/// Where fronts listen beside Unix sockets: an address and a port of this machine, `127.0.0.1:9000` or `[::1]:9000`.
package struct FrontAddress: Hashable, Sendable {
    private static let backlog: CInt = 4096

    private let host: String
    private let port: UInt16

    /// Nil when the text is not a numeric address with a port.
    package init?(_ text: String) {
        guard let mark = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: mark)...]), port > 0 else {
            return nil
        }
        let host = text[..<mark]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        let plain = isBracketed ? String(host.dropFirst().dropLast()) : String(host)
        var space = in6_addr()
        guard inet_pton(isBracketed ? AF_INET6 : AF_INET, plain, &space) == 1 else { return nil }
        self.host = plain
        self.port = port
    }

    /// Binds and listens.
    ///
    /// - Returns: A descriptor that is closed on exec; the caller owns it.
    package func listen() throws(SystemError) -> CInt {
        let isIPv6 = host.contains(":")
        let descriptor = try Descriptors.streamSocket(isIPv6 ? AF_INET6 : AF_INET)
        do throws(SystemError) {
            Self.set(SO_REUSEADDR, at: SOL_SOCKET, of: descriptor)
            // Several fronts may listen, each on a socket of its own.
            Self.set(SO_REUSEPORT, at: SOL_SOCKET, of: descriptor)
            // Events are small, and none waits for the next; the connections that are accepted inherit it.
            Self.set(TCP_NODELAY, at: CInt(IPPROTO_TCP), of: descriptor)
            _ = try SystemError.check("bind", bind(descriptor, isIPv6: isIPv6))
            _ = try SystemError.check("listen", Glibc.listen(descriptor, Self.backlog))
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private func bind(_ descriptor: CInt, isIPv6: Bool) -> CInt {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            inet_pton(AF_INET6, host, &address.sin6_addr)
            return Self.bind(descriptor, &address)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return Self.bind(descriptor, &address)
    }

    private static func bind<Address>(_ descriptor: CInt, _ address: inout Address) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    private static func set(_ option: CInt, at level: CInt, of descriptor: CInt) {
        var isOn: CInt = 1
        setsockopt(descriptor, level, option, &isOn, socklen_t(MemoryLayout<CInt>.size))
    }
}
