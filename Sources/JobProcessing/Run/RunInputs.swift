import Glibc
import JobFiles
import JobModel
import JobSystem

/// The job's files as its steps see them.
///
/// Where steps may do what they like, they are copies: the stored files stay as they are. In a room they cannot be changed,
/// and are further names of the stored files: no byte is copied.
struct RunInputs {
    /// Where they are; nil for a job without files.
    let directory: Directory?
    /// By their index.
    let names: [String]
    /// The files themselves, wherever a step has moved them.
    let nodes: Set<FileNode>

    /// - Throws: `SystemError`.
    init(of job: Job, from area: FilesArea, in run: Directory, sharing: Bool) throws {
        guard !job.input.files.isEmpty else {
            (directory, names, nodes) = (nil, [], [])
            return
        }
        let directory = try run.makeDirectory("input")
        self.directory = directory
        names = job.input.files.enumerated().map(Self.name)
        var nodes: Set<FileNode> = []
        for (file, name) in zip(job.input.files, names) {
            let source = try area.open(file.fileId)
            defer { close(source) }
            if sharing, (try? directory.link(area.path(of: file.fileId), as: Directory.Name(name))) != nil {
                if let node = FileNode(source) { nodes.insert(node) }
                continue
            }
            let target = try directory.open(Directory.Name(name), O_WRONLY | O_CREAT | O_EXCL, mode: 0o400)
            defer { close(target) }
            try Descriptors.copyFile(from: source, to: target, "\(directory.path)/\(name)")
            if let node = FileNode(target) { nodes.insert(node) }
        }
        self.nodes = nodes
    }

    /// The path of a file, for commands.
    func path(_ index: Int) -> String { "\(directory?.path ?? "")/\(names[index])" }

    /// Its number; it keeps the ending of the file's name, which some programs look at, when that is harmless.
    static func name(_ index: Int, _ file: JobFile) -> String {
        let ending = file.name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last ?? ""
        let isHarmless = (1...8).contains(ending.utf8.count) && ending.utf8.allSatisfy { isAlphanumeric($0) }
        return "\(index + 1)" + (isHarmless ? ".\(ending)" : "")
    }
}
