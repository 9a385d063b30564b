import Glibc

/// Makes a listening Unix socket at a path.
package enum ControlSocket {
    /// Why there is no socket, in words for the operator.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Binds and listens.
    ///
    /// What lies at the path is removed only if it is a socket that nobody listens on any more. The socket may be used by
    /// its owner and group (mode 0660).
    ///
    /// - Returns: A descriptor that is closed on exec; the caller owns it.
    package static func listen(at path: String) throws(Failure) -> CInt {
        try removeStale(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw failure("socket", path) }
        do throws(Failure) {
            guard try withAddress(path, { bind(descriptor, $0, $1) }) == 0 else { throw failure("bind", path) }
            guard chmod(path, 0o660) == 0 else { throw failure("chmod", path) }
            guard Glibc.listen(descriptor, 4096) == 0 else { throw failure("listen", path) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func removeStale(_ path: String) throws(Failure) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Failure(description: "\(path) exists and is no socket; remove it or set another control.socket.")
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(probe) }
        guard try withAddress(path, { connect(probe, $0, $1) }) != 0 else {
            throw Failure(description: "Another daemon listens on \(path).")
        }
        guard errno == ECONNREFUSED, unlink(path) == 0 else { throw failure("unlink", path) }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(Failure) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw Failure(description: "The socket path \(path) has \(bytes.count) bytes; 107 are possible.")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func failure(_ call: String, _ path: String) -> Failure {
        Failure(description: "\(call) of \(path) failed: \(String(cString: strerror(errno))).")
    }
}
