import Glibc

/// A system call that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Its name.
    package let call: String
    /// What it was for, a path mostly; empty when the name says it.
    package let subject: String
    package let errno: CInt

    package init(_ call: String, _ subject: String = "", errno: CInt = Glibc.errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }

    /// The result of a call that says -1 when it failed.
    @discardableResult
    package static func check(
        _ call: String, _ result: CInt, of subject: @autoclosure () -> String = ""
    ) throws(SystemError) -> CInt {
        guard result < 0 else { return result }
        let errno = Glibc.errno
        throw SystemError(call, subject(), errno: errno)
    }

    /// There is no space left, or no more may be used.
    package var isStorageFull: Bool { errno == ENOSPC || errno == EDQUOT }

    /// There is no such file.
    package var isMissing: Bool { errno == ENOENT }

    /// This process may not do it there.
    package var isForbidden: Bool { [EACCES, EPERM, EROFS].contains(errno) }

    /// The machine has no process, descriptor or memory left at this moment; later it may.
    package var isShortage: Bool { [EAGAIN, ENOMEM, EMFILE, ENFILE, ENOBUFS].contains(errno) }

    /// What the system says of it, without the call.
    package var reason: String { String(cString: strerror(errno)) }

    package var description: String { "\(call)\(subject.isEmpty ? "" : " of \(subject)") failed: \(reason)" }
}
