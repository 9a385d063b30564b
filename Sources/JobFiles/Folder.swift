import Glibc

/// Directories and what is in them; all of it blocks.
package enum Folder {
    /// Without `.` and `..`; empty when the directory cannot be read.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a directory with everything in it, following no link; what is not there is no error.
    ///
    /// A directory that its owner made unreadable is opened first.
    package static func remove(_ directory: String) {
        chmod(directory, 0o700)
        for name in names(in: directory) {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR { remove(path) } else { unlink(path) }
        }
        rmdir(directory)
    }

    /// Makes the names in a directory survive a power cut.
    package static func sync(_ directory: String) throws(FilesError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FilesError("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw FilesError("fsync", directory) }
    }
}
