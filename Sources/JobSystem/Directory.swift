package import Glibc
import CJobSystem

/// An open directory; all of it blocks.
///
/// What is in it is reached below its descriptor and by one name: no link is followed, and whoever moves or replaces
/// directories meanwhile leads nobody anywhere else. Closed with its last user; may be used from any thread.
package final class Directory: Sendable {
    /// Open as long as this is.
    package let descriptor: CInt
    /// Where it was opened, for messages.
    package let path: String

    /// Takes over a descriptor that is one of a directory, and closes it in the end; the path is for messages.
    package init(adopting descriptor: CInt, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens a directory by a path that no stranger can change; links in it are followed.
    package convenience init(at path: String) throws(SystemError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.init(adopting: try SystemError.check("open", descriptor, of: path), path: path)
    }

    /// Opens a directory in this one.
    package func directory(_ name: Name) throws(SystemError) -> Directory {
        Directory(adopting: try open(name, O_RDONLY | O_DIRECTORY), path: path(of: name))
    }

    /// Opens the directory that this one is in, wherever that is by now.
    func parent() throws(SystemError) -> Directory {
        let above = openat(descriptor, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        return Directory(adopting: try SystemError.check("open", above, of: "\(path)/.."), path: "\(path)/..")
    }

    /// Makes a directory in this one, which must not be there, and opens it.
    package func makeDirectory(_ name: Name, mode: UInt32 = 0o700) throws(SystemError) -> Directory {
        try SystemError.check("mkdir", mkdirat(descriptor, name.bytes, mode), of: path(of: name))
        return try directory(name)
    }

    /// Opens a directory in this one, and makes it when it is missing.
    package func directory(making name: Name, mode: UInt32 = 0o700) throws(SystemError) -> Directory {
        guard mkdirat(descriptor, name.bytes, mode) == 0 || errno == EEXIST else {
            throw SystemError("mkdir", path(of: name))
        }
        return try directory(name)
    }

    /// Makes a pipe with a name (mkfifo(3)) in this one.
    package func makePipe(_ name: Name) throws(SystemError) {
        try SystemError.check("mkfifo", mkfifoat(descriptor, name.bytes, 0o600), of: path(of: name))
    }

    /// Opens what has this name, closed on exec; the caller closes the descriptor.
    ///
    /// - Throws: ELOOP for a link.
    package func open(_ name: Name, _ flags: CInt, mode: UInt32 = 0) throws(SystemError) -> CInt {
        try SystemError.check("open", open_beneath(descriptor, name.bytes, flags, mode), of: path(of: name))
    }

    /// Opens a regular file for reading, nil when there is none of this name; the caller closes the descriptor.
    package func openFile(_ name: Name) -> CInt? {
        // A FIFO would wait for a writer without O_NONBLOCK.
        guard let descriptor = try? open(name, O_RDONLY | O_NONBLOCK) else { return nil }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// What is under a name, be it a link; nil when nothing is.
    package func status(of name: Name) -> stat? {
        var status = stat()
        return fstatat(descriptor, name.bytes, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }

    /// Moves what has a name, within its file system; a file that has the new name is replaced.
    package func rename(_ name: Name, to directory: Directory, as newName: Name) throws(SystemError) {
        let result = renameat(descriptor, name.bytes, directory.descriptor, newName.bytes)
        try SystemError.check("rename", result, of: directory.path(of: newName))
    }

    /// Gives a file a further name in this one.
    package func link(_ file: String, as name: Name) throws(SystemError) {
        try SystemError.check("link", linkat(AT_FDCWD, file, descriptor, name.bytes, 0), of: path(of: name))
    }

    /// Removes the name of a file or of a link.
    package func unlink(_ name: Name) throws(SystemError) {
        try SystemError.check("unlink", unlinkat(descriptor, name.bytes, 0), of: path(of: name))
    }

    /// Without `.` and `..`, in no order; empty when it cannot be read.
    package var names: [Name] { Self.names(below: descriptor) }

    /// Removes whatever has this name: a file, a link, or a directory with everything in it; what is not there is no error.
    package func remove(_ name: Name) {
        guard !Self.isUnlinked(name, in: descriptor), let directory = try? self.directory(name) else { return }
        directory.removeAll()
        unlinkat(descriptor, name.bytes, AT_REMOVEDIR)
    }

    /// Removes everything in it, following no link.
    ///
    /// Whoever filled it may have used names that are not text, paths longer than any call takes, and directories that
    /// cannot be read. So names are bytes here, every directory is made readable, and those in it are moved to the top
    /// before it is removed: no path is longer than two names.
    package func removeAll() {
        fchmod(descriptor, 0o700)
        var directories = names.filter { !Self.isUnlinked($0, in: descriptor) }
        var moved = 0
        while let name = directories.popLast() {
            guard let directory = try? self.directory(name) else { continue }
            for inner in directory.names where !Self.isUnlinked(inner, in: directory.descriptor) {
                var place: Name
                repeat {
                    moved += 1
                    place = Name("\(moved)")
                } while renameat(directory.descriptor, inner.bytes, descriptor, place.bytes) != 0
                    && [EEXIST, ENOTEMPTY, ENOTDIR].contains(errno)
                directories.append(place)
            }
            unlinkat(descriptor, name.bytes, AT_REMOVEDIR)
        }
    }

    /// Removes this directory, when it is empty, from wherever it is by now.
    package func removeSelf() {
        var own = stat()
        guard fstat(descriptor, &own) == 0, own.st_nlink > 0, let parent = try? parent() else { return }
        let node = FileNode(own)
        for name in parent.names where parent.status(of: name).map(FileNode.init) == node {
            unlinkat(parent.descriptor, name.bytes, AT_REMOVEDIR)
        }
    }

    /// Makes the names in it survive a power cut.
    package func sync() throws(SystemError) { try SystemError.check("fsync", fsync(descriptor), of: path) }

    /// For messages.
    private func path(of name: Name) -> String { "\(path)/\(name)" }

    /// Removes a name; false when it is that of a directory with something in it, which can be opened then.
    private static func isUnlinked(_ name: Name, in directory: CInt) -> Bool {
        if unlinkat(directory, name.bytes, 0) == 0 || errno != EISDIR { return true }
        if unlinkat(directory, name.bytes, AT_REMOVEDIR) == 0 { return true }
        make_accessible(directory, name.bytes)
        return false
    }

    private static func names(below directory: CInt) -> [Name] {
        let descriptor = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { closedir(stream) }
        var names: [Name] = []
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map(CChar.init(bitPattern:))
            }
            if bytes != [0x2E], bytes != [0x2E, 0x2E] { names.append(Name(bytes: bytes)) }
        }
        return names
    }
}
