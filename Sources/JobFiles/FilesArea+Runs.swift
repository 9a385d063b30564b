import Glibc
package import JobModel
package import JobSystem

extension FilesArea {
    private var runsPath: String { "\(directory)/runs" }

    /// The name of the directory of a job's run: no two runs have the same, and no id of a job has such a sign.
    package static func runName(of job: JobID, run: Int64) -> Directory.Name { "\(job)@\(run)" }

    /// The directory of a job's run.
    package func runPath(of job: JobID, run: Int64) -> String { "\(runsPath)/\(Self.runName(of: job, run: run))" }

    /// Those of all runs, be they under way or left by a dead daemon.
    package func runPaths() -> [String] { Directory.names(at: runsPath).map { "\(runsPath)/\($0)" } }

    /// Opens them, with the ids of their jobs.
    package func runsDirectories() -> [(job: String, directory: Directory)] {
        guard let runs = try? runsDirectory() else { return [] }
        return runs.names.compactMap { name in
            (try? runs.directory(name)).map { (String(name.description.prefix { $0 != "@" }), $0) }
        }
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
