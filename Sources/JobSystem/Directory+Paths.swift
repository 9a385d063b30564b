import Glibc

/// Directories by paths that no stranger can change.
extension Directory {
    /// Without `.` and `..`; empty when the directory cannot be read.
    package static func names(at path: String) -> [String] {
        (try? Directory(at: path))?.names.map(\.description) ?? []
    }

    /// Makes a directory; one that is there already is not an error.
    package static func make(at path: String) throws(SystemError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    /// Removes a directory with everything in it, following no link; one that is not there is not an error.
    package static func remove(at path: String) {
        chmod(path, 0o700)
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        Directory(adopting: descriptor, path: path).removeAll()
        rmdir(path)
    }

    /// Removes whatever is at a path: a file, or a directory with everything in it.
    package static func removeAny(at path: String) {
        if Glibc.unlink(path) != 0, errno == EISDIR { remove(at: path) }
    }

    /// Makes the names in a directory survive a power cut.
    package static func sync(_ path: String) throws(SystemError) { try Directory(at: path).sync() }
}
