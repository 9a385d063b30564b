import Glibc

/// A listening socket that somebody else made.
package enum HandedSocket {
    /// Takes the one at descriptor 0, where FastCGI 1.0, section 2.2, wants it; nil when there is none.
    ///
    /// - Returns: Another descriptor for it, closed on exec; descriptor 0 is `/dev/null` from then on.
    package static func takeStandardInput() -> CInt? {
        guard isListening(STDIN_FILENO) else { return nil }
        let socket = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
        guard socket >= 0 else { return nil }
        let nothing = open("/dev/null", O_RDONLY | O_CLOEXEC)
        if nothing >= 0 {
            dup2(nothing, STDIN_FILENO)
            close(nothing)
        }
        return socket
    }

    private static func isListening(_ descriptor: CInt) -> Bool {
        var isListening: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 && isListening != 0
    }

    /// Whether only processes of this machine can connect, those that the file's permissions let.
    static func isLocal(_ descriptor: CInt) -> Bool {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return result == 0 && address.ss_family == sa_family_t(AF_UNIX)
    }
}
