import Glibc

/// Directories and what is in them; all of it blocks.
package enum Folder {
    /// Without `.` and `..`; empty when the directory cannot be read.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        return rawNames(stream).map { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
    }

    /// Removes a directory with everything in it, following no link; what is not there is no error.
    ///
    /// Whoever filled it may have used names that are no text, paths longer than any call takes, and directories that
    /// cannot be read: names are bytes here, and every directory is made readable and emptied at the top, to which those
    /// in it are moved first.
    package static func remove(_ directory: String) {
        chmod(directory, 0o700)
        let top = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else { return }
        defer { close(top) }
        var directories = rawNames(in: top).filter { !unlinked($0, in: top) }
        var moved = 0
        while let name = directories.popLast() {
            let descriptor = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            for inner in rawNames(in: descriptor) where !unlinked(inner, in: descriptor) {
                var place: [CChar]
                repeat {
                    moved += 1
                    place = Array("\(moved)".utf8CString)
                } while renameat(descriptor, inner, top, place) != 0 && [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno)
                directories.append(place)
            }
            close(descriptor)
            unlinkat(top, name, AT_REMOVEDIR)
        }
        rmdir(directory)
    }

    /// Removes whatever is at a path: a file, or a directory with everything in it.
    package static func removeAny(_ path: String) {
        if unlink(path) != 0, errno == EISDIR { remove(path) }
    }

    /// Removes a name; false when it is that of a directory, which can be opened then.
    private static func unlinked(_ name: [CChar], in directory: CInt) -> Bool {
        if unlinkat(directory, name, 0) == 0 || errno != EISDIR { return true }
        fchmodat(directory, name, 0o700, 0)
        return false
    }

    private static func rawNames(in directory: CInt) -> [[CChar]] {
        let descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        return rawNames(stream)
    }

    /// The names of a directory, which it closes, as bytes that end with 0: not every name is text.
    package static func rawNames(_ stream: OpaquePointer) -> [[CChar]] {
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name != [0x2E, 0], name != [0x2E, 0x2E, 0] { names.append(name) }
        }
        return names
    }

    /// Makes the names in a directory survive a power cut.
    package static func sync(_ directory: String) throws(FilesError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FilesError("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FilesError("fsync", directory) }
    }
}
