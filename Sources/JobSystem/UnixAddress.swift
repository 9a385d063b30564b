package import Glibc

/// The address of a Unix socket.
package struct UnixAddress: Sendable {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// The longest path that the kernel takes, in bytes.
    package static let maximumPathBytes = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// The address of a path; where it may be abstract, a `@` at the beginning stands for the zero byte of that.
    ///
    /// - Throws: ENAMETOOLONG.
    package init(_ path: String, mayBeAbstract: Bool = false) throws(SystemError) {
        var bytes = Array(path.utf8)
        guard bytes.count <= Self.maximumPathBytes else { throw SystemError("bind", path, errno: ENAMETOOLONG) }
        let isAbstract = mayBeAbstract && bytes.first == UInt8(ascii: "@")
        if isAbstract { bytes[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let used = MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + bytes.count } ?? 0
        length = socklen_t(isAbstract ? used : MemoryLayout<sockaddr_un>.size)
    }

    /// For bind(2), connect(2) and sendto(2).
    package func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
