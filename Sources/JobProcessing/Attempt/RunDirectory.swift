import Glibc
import JSON
import JobFiles
import JobModel
import JobSystem

/// The private directory of a running attempt.
///
/// ```
/// lock            held by everything that the attempt starts
/// input/          the job's files, read-only, under numbers
/// metadata.json   what the job's creator gave
/// reports         a pipe for what a step has to say and cannot print
/// work/           where commands start; HOME
/// tmp/            TMPDIR
/// output/         what becomes artifacts
/// output-N/       the same, of steps that run for the Nth of several files alone
/// ```
struct RunDirectory {
    let path: String

    var work: String { "\(path)/work" }
    var temporary: String { "\(path)/tmp" }
    var output: String { "\(path)/output" }
    var metadata: String { "\(path)/metadata.json" }
    var reports: String { "\(path)/reports" }

    /// Makes a fresh directory; whatever an earlier attempt left is ended and removed first.
    ///
    /// The inputs are further names of the stored files, which nobody may write: no byte is copied.
    init(for job: Job, in area: FilesArea) throws {
        path = area.runPath(of: job.jobId)
        Self.clear(path)
        area.removeArtifacts(of: job.jobId, exceptOf: job.run)
        do throws(SystemError) {
            try fill(for: job, from: area)
        } catch {
            remove()
            throw error
        }
    }

    private func fill(for job: Job, from area: FilesArea) throws(SystemError) {
        for folder in ["", "/input", "/work", "/tmp", "/output"] { try make(path + folder) }
        for (index, file) in job.files.enumerated() {
            guard link(area.path(of: file.fileId), input(index, file)) == 0 else {
                throw SystemError("link", path)
            }
        }
        try SmallFile.write(job.metadata.text, as: "metadata.json", in: try Directory(at: path))
    }

    private func make(_ directory: String) throws(SystemError) {
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else { throw SystemError("mkdir", path) }
    }

    /// The path of a file; it keeps the ending of the name, which some programs look at, when that is harmless.
    func input(_ index: Int, _ file: JobFile) -> String {
        let ending = file.name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last ?? ""
        let isHarmless = (1...8).contains(ending.utf8.count) && ending.utf8.allSatisfy { isAlphanumeric($0) }
        return "\(path)/input/\(index + 1)" + (isHarmless ? ".\(ending)" : "")
    }

    /// Where a step leaves what becomes artifacts when it runs for one of several files alone; makes it.
    func output(of file: WorkingFile) throws(SystemError) -> String {
        let directory = "\(path)/\(Self.outputPrefix)\(file.index + 1)"
        try make(directory)
        return directory
    }

    /// Every directory that holds what becomes artifacts, with what goes before their names.
    var outputs: [(path: String, prefix: String)] {
        let numbers = Directory.names(at: path).filter { $0.hasPrefix(Self.outputPrefix) }
            .compactMap { Int($0.dropFirst(Self.outputPrefix.count)) }
        return [(output, "")] + numbers.sorted().map { ("\(path)/\(Self.outputPrefix)\($0)", "\($0)-") }
    }

    private static let outputPrefix = "output-"

    /// Makes the pipe anew and opens it; the caller closes the descriptor, which does not block.
    ///
    /// It is open for writing, too, so that it does not end when a step closes it.
    func openReports() throws(SystemError) -> CInt {
        Directory.removeAny(at: reports)
        guard mkfifo(reports, 0o600) == 0 else { throw SystemError("mkfifo", path) }
        let descriptor = open(reports, O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        return descriptor
    }

    /// Ends whatever still runs in a directory, and removes it.
    static func clear(_ path: String) {
        RunLock.free(path)
        Directory.remove(at: path)
    }

    func remove() { Directory.remove(at: path) }
}
