import FoundationEssentials
import Glibc

/// A directory with a short path, removed with everything in it when the last reference goes.
///
/// A socket path holds 107 bytes, so the names are short.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() {
        var template = Array("/tmp/jobd.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { preconditionFailure("mkdtemp failed: \(errno)") }
        path = String(cString: made)
    }

    /// The path of something in the directory.
    package func appending(_ name: String) -> String { "\(path)/\(name)" }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}
