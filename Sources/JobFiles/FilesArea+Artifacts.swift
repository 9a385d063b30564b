import Glibc
package import JobModel
package import JobSystem

// What jobs made. Each run has a folder of its own, so that none writes into another's; what a run has left that no record
// names goes with the job, or when the job runs again.
extension FilesArea {
    /// All that a job has made.
    package func artifactsPath(of job: JobID) -> String { "\(directory)/artifacts/\(job)" }

    /// What a run has made; that of jobs whose runs had no numbers yet lies in the job's own folder.
    package func artifactsPath(of job: JobID, run: Int64?) -> String {
        run.map { "\(artifactsPath(of: job))/\($0)" } ?? artifactsPath(of: job)
    }

    /// Where an artifact of a run is, or will be.
    ///
    /// Earlier versions put artifacts into the job's own folder, and what is there stays there.
    package func path(of artifact: ArtifactName, of job: JobID, run: Int64?) -> String {
        let older = "\(artifactsPath(of: job))/\(artifact)"
        let path = "\(artifactsPath(of: job, run: run))/\(artifact)"
        return access(path, F_OK) != 0 && access(older, F_OK) == 0 ? older : path
    }

    /// Makes the folder of a run, and those above it that somebody has removed.
    package func makeArtifactsFolder(of job: JobID, run: Int64?) throws(SystemError) {
        for folder in ["\(directory)/artifacts", artifactsPath(of: job), artifactsPath(of: job, run: run)] {
            try Directory.make(at: folder)
        }
    }

    /// Opens the folder of a run, made when it is missing.
    package func artifactsDirectory(of job: JobID, run: Int64?) throws(SystemError) -> Directory {
        try makeArtifactsFolder(of: job, run: run)
        return try Directory(at: artifactsPath(of: job, run: run))
    }

    /// Makes what lies in the folder of a run survive a power cut, and the way to it.
    package func syncArtifacts(of job: JobID, run: Int64?) throws(SystemError) {
        for folder in [artifactsPath(of: job, run: run), artifactsPath(of: job), "\(directory)/artifacts"] {
            try Directory.sync(folder)
        }
    }

    /// Removes what other runs of a job have left, in whichever folder.
    package func removeArtifacts(of job: JobID, exceptOf run: Int64?) {
        for name in Directory.names(at: artifactsPath(of: job)) where name != run.map({ "\($0)" }) {
            Directory.removeAny(at: "\(artifactsPath(of: job))/\(name)")
        }
    }

    package func removeArtifacts(of job: JobID) { Directory.remove(at: artifactsPath(of: job)) }

    /// Opens an artifact for reading; the caller closes the descriptor.
    ///
    /// - Throws: ``SystemError`` also when the path is not a regular file.
    package func open(_ artifact: ArtifactName, of job: JobID, run: Int64?) throws(SystemError) -> CInt {
        let path = path(of: artifact, of: job, run: run)
        let descriptor = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw SystemError("open", path, errno: EINVAL)
        }
        return descriptor
    }

    /// At most `limit` bytes of an artifact from an offset.
    package func read(
        _ artifact: ArtifactName, of job: JobID, run: Int64?, from offset: Int64, limit: Int
    ) throws(SystemError) -> [UInt8] {
        Self.read(try open(artifact, of: job, run: run), from: offset, limit: limit)
    }

    /// At most `limit` bytes of a kept file from an offset.
    package func read(_ file: FileID, from offset: Int64, limit: Int) throws(SystemError) -> [UInt8] {
        Self.read(try open(file), from: offset, limit: limit)
    }

    /// Reads, and closes the descriptor.
    private static func read(_ descriptor: CInt, from offset: Int64, limit: Int) -> [UInt8] {
        defer { close(descriptor) }
        return [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, limit, off_t(offset)))
        }
    }
}
