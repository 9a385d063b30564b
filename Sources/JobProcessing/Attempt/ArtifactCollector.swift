import Glibc
import JobFiles
import JobModel

/// Turns what steps left in the output directory into artifacts.
struct ArtifactCollector {
    let area: FilesArea
    let jobId: JobID

    /// Moves every acceptable file, hashed and synced, to the job's artifacts; says of the others why not.
    ///
    /// Runs after the last process of the attempt has ended, so nobody changes what it looks at.
    func collect(from output: String, refuse: (String) -> Void) throws -> [Artifact] {
        let names = Folder.names(in: output).sorted()
        guard !names.isEmpty else { return [] }
        let target = area.artifactsPath(of: jobId)
        guard mkdir(target, 0o750) == 0 || errno == EEXIST else {
            throw RunDirectory.Failure(call: "mkdir", errno: errno)
        }
        var artifacts: [Artifact] = []
        for name in names {
            let path = "\(output)/\(name)"
            guard let artifactName = ArtifactName(name) else {
                refuse("\(Text.limited(name)) is no artifact: its name must be of letters, digits, . _ -")
                continue
            }
            // Opening a socket fails, and a FIFO would wait for a writer without O_NONBLOCK.
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
            var status = stat()
            guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                status.st_nlink == 1
            else {
                if descriptor >= 0 { close(descriptor) }
                refuse("\(name) is no artifact: only regular files with one name are")
                continue
            }
            defer { close(descriptor) }
            let (sha256, size) = try Digest.ofFile(descriptor, path: path)
            let mediaType = MediaType.ofFile(descriptor)
            fchmod(descriptor, 0o440)
            guard fsync(descriptor) == 0, rename(path, "\(target)/\(name)") == 0 else {
                throw RunDirectory.Failure(call: "rename", errno: errno)
            }
            artifacts.append(Artifact(name: artifactName, mediaType: mediaType, size: size, sha256: sha256))
        }
        try Folder.sync(target)
        return artifacts
    }
}
