import Glibc
import JobFiles
import JobModel
import JobSystem

/// Turns what steps left in their output directories into artifacts.
struct ArtifactCollector {
    let area: FilesArea
    let jobId: JobID
    let run: Int64?
    /// What steps have said of the media types of their outputs, by name.
    let mediaTypes: [ArtifactName: String]

    /// Moves every acceptable file, hashed and synced, to the job's artifacts, in the order in which they were written;
    /// says of the others why not.
    ///
    /// Runs after the last process of the attempt has ended, so nobody changes what it looks at.
    func collect(from directory: RunDirectory, refuse: (String) -> Void) throws -> [Artifact] {
        var artifacts: [Artifact] = []
        for output in directory.outputs {
            for name in names(in: output.path) {
                guard artifacts.count < Limits.artifacts else {
                    refuse("there are more than \(Limits.artifacts) outputs; the others are no artifacts")
                    break
                }
                guard let artifactName = ArtifactName(output.prefix + name) else {
                    refuse("\(Text.limited(name)) is no artifact: its name must be of letters, digits, . _ -")
                    continue
                }
                guard !artifacts.contains(where: { $0.name == artifactName }) else {
                    refuse("\(artifactName) is no artifact: there is another one of this name")
                    continue
                }
                if artifacts.isEmpty { try area.makeArtifactsFolder(of: jobId, run: run) }
                guard let artifact = try take("\(output.path)/\(name)", as: artifactName) else {
                    refuse("\(artifactName) is no artifact: only regular files with one name are")
                    continue
                }
                artifacts.append(artifact)
            }
        }
        if !artifacts.isEmpty { try area.syncArtifacts(of: jobId, run: run) }
        return artifacts
    }

    /// The names in a directory, in the order in which the files were written.
    private func names(in directory: String) -> [String] {
        func written(_ name: String) -> (Int, Int, String) {
            var status = stat()
            lstat("\(directory)/\(name)", &status)
            return (status.st_mtim.tv_sec, status.st_mtim.tv_nsec, name)
        }
        return Directory.names(at: directory).map(written).sorted { $0 < $1 }.map(\.2)
    }

    /// Nil when the path is not that of an own regular file with one name.
    private func take(_ path: String, as name: ArtifactName) throws -> Artifact? {
        // Opening a socket fails, and a FIFO would wait for a writer without O_NONBLOCK.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1,
            status.st_uid == geteuid()
        else { return nil }
        let (sha256, size) = try Digest.ofFile(descriptor, path: path)
        let mediaType = mediaTypes[name] ?? MediaType.ofFile(descriptor)
        fchmod(descriptor, 0o440)
        let target = "\(area.artifactsPath(of: jobId, run: run))/\(name)"
        guard fsync(descriptor) == 0, rename(path, target) == 0 else {
            throw SystemError("rename", path)
        }
        return Artifact(name: name, mediaType: mediaType, size: size, sha256: sha256)
    }
}
