import Glibc
import JobSystem

/// Makes a listening Unix socket at a path.
package enum ControlSocket {
    /// Why there is no socket, in words for the operator.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Clients that may wait to be accepted; the kernel may have a lower limit (`net.core.somaxconn`).
    static let backlog: CInt = 4096

    /// Binds and listens.
    ///
    /// What lies at the path is removed only if it is a socket that nobody listens on any more. Nobody may use it at any
    /// moment whom the mode does not allow.
    ///
    /// - Returns: A descriptor that is closed on exec; the caller owns it.
    /// - Throws: ``Failure``, or `SystemError`.
    package static func listen(at path: String, mode: UInt32 = 0o660) throws -> CInt {
        guard let address = try? UnixAddress(path) else {
            let most = UnixAddress.maximumPathBytes
            throw Failure(description: "The socket path \(path) has \(path.utf8.count) bytes; \(most) are possible.")
        }
        try removeStale(path, address)
        let descriptor = try SystemError.check("socket", makeSocket(), of: path)
        do {
            try SystemError.check("bind", address.with { bind(descriptor, $0, $1) }, of: path)
            try SystemError.check("chmod", chmod(path, mode), of: path)
            try SystemError.check("listen", Glibc.listen(descriptor, backlog), of: path)
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func makeSocket() -> CInt {
        socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    }

    private static func removeStale(_ path: String, _ address: UnixAddress) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "\(path) exists and is not a socket; remove it, or set another address.")
        }
        let probe = try SystemError.check("socket", makeSocket(), of: path)
        defer { close(probe) }
        guard address.with({ connect(probe, $0, $1) }) != 0 else {
            throw Failure(description: "Another daemon listens on \(path).")
        }
        guard errno == ECONNREFUSED else { throw SystemError("connect", path) }
        try SystemError.check("unlink", unlink(path), of: path)
    }
}
