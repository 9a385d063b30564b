import Glibc

/// Files of `/proc`, and others that are small.
package enum SmallFile {
    /// Makes a file in a directory.
    package static func write(_ text: String, as name: Directory.Name, in directory: Directory) throws(SystemError) {
        let descriptor = try directory.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        defer { close(descriptor) }
        try Descriptors.writeAll(text.utf8, to: descriptor, "\(directory.path)/\(name)")
    }

    /// At most 64 KiB; nil when it cannot be read.
    package static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
