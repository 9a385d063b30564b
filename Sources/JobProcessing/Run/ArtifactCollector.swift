import Glibc
import JobFiles
import JobModel
import JobSystem

/// Turns what steps left in their output directories into artifacts.
struct ArtifactCollector {
    let area: FilesArea
    let jobId: JobID
    let run: Int64
    /// What steps have said of the media types of their outputs, by name.
    let mediaTypes: [ArtifactName: String]

    /// Moves every acceptable file, hashed and synced, to the job's artifacts, in the order in which they were written;
    /// says of the others why not.
    ///
    /// Runs after the last process of the run has ended. Should one have got away, it still cannot have another file
    /// taken than the one that was looked at.
    func collect(from directory: RunDirectory, refuse: (String) -> Void) throws -> [Artifact] {
        var target: Directory?
        var artifacts: [Artifact] = []
        for output in directory.allOutputs {
            for name in names(in: output.directory) {
                guard artifacts.count < Limits.artifacts else {
                    refuse("there are more than \(Limits.artifacts) outputs; the others are not artifacts")
                    break
                }
                guard let artifactName = ArtifactName(output.prefix + name.description) else {
                    let text = Text.limited(name.description)
                    refuse("\(text) is not an artifact: its name must be of letters, digits, . _ -")
                    continue
                }
                guard !artifacts.contains(where: { $0.name == artifactName }) else {
                    refuse("\(artifactName) is not an artifact: there is another one of this name")
                    continue
                }
                let folder = try target ?? area.artifactsDirectory(of: jobId, run: run)
                target = folder
                let taken = try take(name, from: output.directory, to: folder, as: artifactName, directory.inputs)
                guard let artifact = taken else {
                    refuse("\(artifactName) is not an artifact: only regular files with one name are")
                    continue
                }
                artifacts.append(artifact)
            }
        }
        if target != nil { try area.syncArtifacts(of: jobId, run: run) }
        return artifacts
    }

    /// The names in a directory, in the order in which the files were written.
    private func names(in directory: Directory) -> [Directory.Name] {
        func written(_ name: Directory.Name) -> (Int, Int, String, Directory.Name) {
            let time = directory.status(of: name)?.st_mtim ?? timespec()
            return (time.tv_sec, time.tv_nsec, name.description, name)
        }
        return directory.names.map(written).sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
    }

    /// Nil when it is not an own regular file with one name that a step has made.
    private func take(
        _ name: Directory.Name, from output: Directory, to target: Directory, as artifact: ArtifactName,
        _ inputs: RunInputs
    ) throws -> Artifact? {
        guard let descriptor = output.openFile(name) else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_nlink == 1, status.st_uid == geteuid(),
            !inputs.nodes.contains(FileNode(status))
        else { return nil }
        let place = Directory.Name(artifact.description)
        let (sha256, size) = try Digest.ofFile(descriptor, path: "\(output.path)/\(name)")
        let mediaType = try mediaTypes[artifact] ?? area.types.type(of: descriptor)
        fchmod(descriptor, 0o400)
        try SystemError.check("fsync", fsync(descriptor), of: "\(output.path)/\(name)")
        try output.rename(name, to: target, as: place)
        guard target.status(of: place).map(FileNode.init) == FileNode(status) else {
            target.remove(place)
            return nil
        }
        return Artifact(name: artifact, mediaType: mediaType, size: size, sha256: sha256)
    }
}
