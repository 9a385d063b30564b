import Glibc

/// An address of the Internet, version 4 or 6.
package enum IPAddress: Hashable, Sendable, CustomStringConvertible {
    case v4(UInt32)
    /// 16 bytes.
    case v6([UInt8])

    /// Reads what `inet_pton` reads; nil for anything else.
    package init?(_ text: String) {
        var four = in_addr()
        var six = in6_addr()
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(UInt32(bigEndian: four.s_addr))
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            self = .v6(withUnsafeBytes(of: six) { Array($0) })
        } else {
            return nil
        }
    }

    /// Nil for one of another family.
    init?(_ address: UnsafePointer<sockaddr>) {
        let bytes = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET: self = .v4(UInt32(bigEndian: bytes.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6:
            let six = bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            self = .v6(withUnsafeBytes(of: six) { Array($0) })
        default: return nil
        }
    }

    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch self {
        case .v4(let number):
            var address = in_addr(s_addr: number.bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        case .v6(let bytes):
            _ = bytes.withUnsafeBytes { inet_ntop(AF_INET6, $0.baseAddress, &text, socklen_t(text.count)) }
        }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether anybody on the Internet may have it: not the loopback, one of a private network or of a link, one for documentation or
    /// for many receivers, and none that leads to such a one by another name.
    ///
    /// What else this machine has, ``Sender`` knows.
    package var isPublic: Bool {
        switch self {
        case .v4(let number): !Self.reserved4.contains { $0.contains(number) }
        case .v6(let bytes): Self.isPublic(bytes)
        }
    }

    // MARK: What is reserved (IANA's registries of special-purpose addresses)

    private struct Network {
        let start: UInt32
        let length: UInt32

        init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32, _ length: UInt32) {
            start = a << 24 | b << 16 | c << 8 | d
            self.length = length
        }

        func contains(_ address: UInt32) -> Bool { (address ^ start) >> (32 - length) == 0 }
    }

    private static let reserved4: [Network] = [
        // This network, private ones, and those behind a provider's translation.
        Network(0, 0, 0, 0, 8), Network(10, 0, 0, 0, 8), Network(172, 16, 0, 0, 12), Network(192, 168, 0, 0, 16),
        Network(100, 64, 0, 0, 10),
        // This machine and this link.
        Network(127, 0, 0, 0, 8), Network(169, 254, 0, 0, 16),
        // Protocols, documentation, measurements.
        Network(192, 0, 0, 0, 24), Network(192, 0, 2, 0, 24), Network(192, 88, 99, 0, 24), Network(198, 18, 0, 0, 15),
        Network(198, 51, 100, 0, 24), Network(203, 0, 113, 0, 24),
        // Many receivers, later use, all receivers.
        Network(224, 0, 0, 0, 4), Network(240, 0, 0, 0, 4),
    ]

    /// Of version 6 only 2000::/3 is given out, and of that not all.
    private static func isPublic(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return false }
        func begins(_ prefix: UInt8...) -> Bool { bytes.starts(with: prefix) }
        // Translation to version 4, for networks without it: as public as what it leads to.
        if begins(0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0) {
            return IPAddress.v4(bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }).isPublic
        }
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        // Protocols and tunnels (2001::/23, 2002::/16), documentation (2001:db8::/32, 3fff::/20).
        if begins(0x20, 0x01), bytes[2] & 0xFE == 0 { return false }
        if begins(0x20, 0x02) || begins(0x20, 0x01, 0x0D, 0xB8) { return false }
        return !(begins(0x3F, 0xFF) && bytes[2] & 0xF0 == 0)
    }

    /// Those that this machine has now; blocks for a moment.
    package static func own() -> Set<IPAddress> {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        var own: Set<IPAddress> = []
        var next = first
        while let entry = next {
            if let address = entry.pointee.ifa_addr, let address = IPAddress(UnsafePointer(address)) {
                own.insert(address)
            }
            next = entry.pointee.ifa_next
        }
        return own
    }
}
