import Glibc

/// What a test sees of a file, whoever made it.
package struct FileOnDisk: Hashable, Sendable {
    package let bytes: [UInt8]
    /// The permissions.
    package let mode: UInt32

    /// Nil when there is no file of that path.
    package init?(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        let size = Int(status.st_size)
        bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, size))
        }
        mode = status.st_mode & 0o7777
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o640) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { preconditionFailure("\(path) cannot be written: \(errno)") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            preconditionFailure("\(path) cannot be written: \(errno)")
        }
    }

    package static func write(_ text: String, to path: String, mode: UInt32 = 0o640) {
        write(Array(text.utf8), to: path, mode: mode)
    }

    /// The paths, within a directory, of everything below it that is not a directory.
    package static func all(below directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var paths: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard name != ".", name != ".." else { continue }
            if entry.pointee.d_type == DT_DIR {
                paths += all(below: "\(directory)/\(name)").map { "\(name)/\($0)" }
            } else {
                paths.append(name)
            }
        }
        return paths.sorted()
    }

    /// Whether anything at all has this path.
    package static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }
}
