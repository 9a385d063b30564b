import Glibc
package import JobModel
package import JobSystem

// What lies on the disk and is on no record. A crash leaves little of it; a store that was put back from an earlier day
// leaves all that came since, so it is set aside first. Setting aside renames, which sets the time of change: from that
// moment on it is counted how long it stays.
extension FilesArea {
    /// Where things are that no record names.
    package var setAsideDirectory: String { "\(directory)/unknown" }

    func setAsidePath(of file: FileID) -> String { "\(setAsideDirectory)/files/\(file)" }

    func setAsidePath(of job: JobID) -> String { "\(setAsideDirectory)/artifacts/\(job)" }

    /// - Returns: Whether there was such a file.
    package func setAside(_ file: FileID) throws(SystemError) -> Bool {
        try move(path(of: file), to: setAsidePath(of: file))
    }

    /// - Returns: Whether there were artifacts.
    package func setAside(artifactsOf job: JobID) throws(SystemError) -> Bool {
        try move(artifactsPath(of: job), to: setAsidePath(of: job))
    }

    /// Takes a file back to where files are kept.
    package func bringBack(_ file: FileID) throws(SystemError) -> Bool {
        try move(setAsidePath(of: file), to: path(of: file))
    }

    package func bringBack(artifactsOf job: JobID) throws(SystemError) -> Bool {
        try move(setAsidePath(of: job), to: artifactsPath(of: job))
    }

    package func filesSetAside() -> [FileID] {
        Directory.names(at: "\(setAsideDirectory)/files").compactMap(FileID.init)
    }

    package func artifactsSetAside() -> [JobID] {
        Directory.names(at: "\(setAsideDirectory)/artifacts").compactMap(JobID.init)
    }

    /// Removes what was set aside before a moment, and returns how much.
    package func removeSetAside(before moment: Timestamp) -> Int {
        var count = 0
        for folder in ["\(setAsideDirectory)/files", "\(setAsideDirectory)/artifacts"] {
            for name in Directory.names(at: folder) {
                var status = stat()
                guard lstat("\(folder)/\(name)", &status) == 0,
                    Timestamp(changeOf: status) < moment
                else { continue }
                Directory.removeAny(at: "\(folder)/\(name)")
                count += 1
            }
        }
        return count
    }

    /// False when there is nothing at the source.
    private func move(_ source: String, to target: String) throws(SystemError) -> Bool {
        var status = stat()
        guard lstat(source, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw SystemError("lstat", source) }
            return false
        }
        for folder in ["", "/files", "/artifacts"] { try Directory.make(at: setAsideDirectory + folder) }
        guard rename(source, target) == 0 else { throw SystemError("rename", source) }
        return true
    }
}

extension Timestamp {
    /// When a file was changed, renamed or given a further name last.
    fileprivate init(changeOf status: stat) {
        let (milliseconds, isTooLarge) = Int64(status.st_ctim.tv_sec).multipliedReportingOverflow(by: 1000)
        self.init(milliseconds: isTooLarge ? .max : milliseconds)
    }
}
