import Glibc

/// A system call on a file that failed.
package struct FilesError: Error, Hashable, Sendable, CustomStringConvertible {
    package let call: String
    package let path: String
    package let errno: CInt

    package init(_ call: String, _ path: String, errno: CInt = Glibc.errno) {
        self.call = call
        self.path = path
        self.errno = errno
    }

    /// There is no space left, or no more may be used.
    package var isStorageFull: Bool { errno == ENOSPC || errno == EDQUOT }

    /// There is no such file.
    package var isMissing: Bool { errno == ENOENT }

    /// This process may not do it there.
    package var isForbidden: Bool { [EACCES, EPERM, EROFS].contains(errno) }

    package var description: String { "\(call) of \(path) failed: \(String(cString: strerror(errno)))" }
}
