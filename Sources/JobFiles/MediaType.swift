import CMagic
import Glibc

/// The media type of a file, found from its content.
package enum MediaType {
    /// What is known of nothing.
    package static let unknown = "application/octet-stream"

    /// Looks at a file's content; blocks, and answers nil when there is no regular file of this path.
    package static func ofFile(at path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return ofFile(descriptor)
    }

    /// Looks at a descriptor's content; blocks, and leaves the descriptor's position where it was.
    ///
    /// An empty file is `application/x-empty`.
    package static func ofFile(_ descriptor: CInt) -> String {
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_size == 0 { return "application/x-empty" }
        // libmagic looks at the beginning only, and closes what it is given; a cookie serves one thread at a time.
        let count = 64 * 1024
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
        }
        guard let cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_SYMLINK) else { return unknown }
        defer { magic_close(cookie) }
        guard magic_load(cookie, nil) == 0, let type = magic_buffer(cookie, bytes, bytes.count) else { return unknown }
        let text = String(cString: type)
        return text.contains("/") && !text.contains(" ") ? text : unknown
    }
}
