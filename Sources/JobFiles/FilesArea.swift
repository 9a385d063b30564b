import Glibc
package import JobModel
package import JobSystem

/// The storage directory's files: uploads, artifacts, and the directories of running jobs.
///
/// ```
/// files/<fileId>             uploads that the daemon has adopted; it alone changes what is here
/// files/arriving/<fileId>    uploads under way; each is locked by whoever writes it
/// files/partial/<fileId>     what has come of resumable uploads; each is locked by whoever writes it
/// artifacts/<jobId>/<run>/   what a run of a job made
/// runs/<jobId>@<run>/        private to a run
/// unknown/files/<fileId>     what no record names, until its time is over; artifacts beside it
/// ```
///
/// Every function blocks, for as long as the disk takes; call it from threads that may. A front and the daemon use the same
/// area at the same time: names are never used twice.
package struct FilesArea: Sendable {
    package let directory: String
    /// What says of a file of it what it is.
    package let types: TypeFinder

    /// Makes the folders that are missing.
    ///
    /// - Throws: ``SystemError``.
    package init(directory: String, types: TypeFinder) throws(SystemError) {
        self.init(existing: directory, types: types)
        for folder in ["", "/files", "/files/arriving", "/artifacts", "/runs"] {
            try Directory.make(at: directory + folder)
        }
    }

    /// An area that is there, or not; makes nothing.
    package init(existing directory: String, types: TypeFinder) {
        self.directory = directory
        self.types = types
    }

    package func path(of file: FileID) -> String { "\(directory)/files/\(file)" }

    package func arrivingPath(of file: FileID) -> String { "\(directory)/files/arriving/\(file)" }

    /// Removes a file that is kept; one that is not there is not an error.
    package func remove(_ file: FileID) {
        for path in [path(of: file), setAsidePath(of: file)] { unlink(path) }
    }

    /// Space that is left for the area, in bytes; 0 when that cannot be found out.
    package func freeBytes() -> Int64 { space().free }

    /// What the area's file system has left and has altogether, in bytes; 0 when that cannot be found out.
    package func space() -> (free: Int64, total: Int64) {
        var status = statvfs()
        // Not the directory itself, of which a front sees no more than what it needs.
        guard statvfs("\(directory)/files", &status) == 0 else { return (0, 0) }
        func bytes(_ blocks: fsblkcnt_t) -> Int64 {
            Int64(clamping: UInt64(blocks).multipliedReportingOverflow(by: UInt64(status.f_frsize)).0)
        }
        return (bytes(status.f_bavail), bytes(status.f_blocks))
    }

    /// Removes uploads that nobody writes any more, and returns how many.
    ///
    /// Whoever writes an arriving file holds a lock on it, so a lock that can be had means that its writer is gone.
    @discardableResult
    package func sweepArriving() -> Int {
        var count = 0
        let folder = "\(directory)/files/arriving"
        for name in Directory.names(at: folder) {
            let path = "\(folder)/\(name)"
            let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else { continue }
            defer { Descriptors.closeUnlocked(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0, unlink(path) == 0 { count += 1 }
        }
        return count
    }
}
