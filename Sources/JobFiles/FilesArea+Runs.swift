import Glibc
package import JobModel
package import JobSystem

extension FilesArea {
    private var runsPath: String { "\(directory)/runs" }

    /// The directory of a job's runs.
    package func runPath(of job: JobID) -> String { "\(runsPath)/\(job)" }

    /// Those of all jobs, be they of running attempts or left by a dead daemon.
    package func runPaths() -> [String] { Directory.names(at: runsPath).map { "\(runsPath)/\($0)" } }

    /// The directory of a job's runs, made when it is missing.
    package func runsDirectory(of job: JobID) throws(SystemError) -> Directory {
        // Twice: another run's end may remove it in between.
        for isLast in [false, true] {
            do throws(SystemError) {
                let runs = try runsDirectory()
                return try runs.directory(making: Directory.Name(job.description))
            } catch {
                if isLast || !error.isMissing { throw error }
            }
        }
        throw SystemError("open", runPath(of: job), errno: ENOENT)
    }

    /// Opens them.
    package func runsDirectories() -> [(job: String, directory: Directory)] {
        guard let runs = try? runsDirectory() else { return [] }
        return runs.names.compactMap { name in (try? runs.directory(name)).map { (name.description, $0) } }
    }

    /// Where the directories of all runs are, made when it is missing.
    package func runsDirectory() throws(SystemError) -> Directory {
        guard mkdir(runsPath, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", runsPath) }
        return try Directory(at: runsPath)
    }

    /// Opens an upload for reading; the caller closes the descriptor.
    package func open(_ file: FileID) throws(SystemError) -> CInt {
        try SystemError.check(
            "open", Glibc.open(path(of: file), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), of: path(of: file))
    }
}
