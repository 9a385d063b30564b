/// Where a webhook is: `http` or `https`, a host, perhaps a port, and what is asked for there.
///
/// Narrower than RFC 3986, so that nobody who reads it can take another part of it for the host.
package struct WebhookAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whether it is `https`.
    package let isSecure: Bool
    /// A name in small letters or an IPv4 address; an IPv6 address without its brackets.
    package let host: String
    /// Nil: that of the scheme.
    package let port: Int?
    /// Begins with `/`.
    package let target: String

    /// Nil when it is not such an address.
    package init?(_ text: String) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy(Self.isAllowed) else { return nil }
        let rest: Substring
        if text.hasPrefix("https://") {
            (isSecure, rest) = (true, text.dropFirst(8))
        } else if text.hasPrefix("http://") {
            (isSecure, rest) = (false, text.dropFirst(7))
        } else {
            return nil
        }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.split(rest[..<end]) else { return nil }
        self.host = host
        self.port = port
        let target = rest[end...]
        self.target = target.hasPrefix("/") ? String(target) : "/\(target)"
    }

    /// Whether the host is an IPv6 address.
    package var isIPv6: Bool { host.contains(":") }

    /// The URL, with brackets around an IPv6 address.
    package var description: String {
        let name = isIPv6 ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(name)\(port.map { ":\($0)" } ?? "")\(target)"
    }

    private static func split(_ authority: Substring) -> (host: String, port: Int?)? {
        var host = authority
        var port: Int?
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : authority.startIndex
        guard let end else { return nil }
        if let colon = authority[end...].firstIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let number = Int(digits), (1...65535).contains(number)
            else { return nil }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("[") {
            guard host.hasSuffix("]"), case let inner = host.dropFirst().dropLast(), inner.contains(":"),
                inner.utf8.allSatisfy({ isHexadecimal($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") })
            else { return nil }
            return (inner.lowercased(), port)
        }
        guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isOfName) else { return nil }
        return (host.lowercased(), port)
    }

    /// Printable ASCII without what is written otherwise in an address, and without a fragment.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        (0x21...0x7E).contains(byte) && !##""#<>\^`{|}@"##.utf8.contains(byte)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
