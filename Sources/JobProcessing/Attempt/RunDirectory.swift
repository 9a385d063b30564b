import Glibc
import JobFiles
import JobModel

/// The private directory of a running attempt.
///
/// ```
/// lock      held by everything that the attempt starts
/// input/    the job's files, read-only, under numbers
/// work/     where commands start; HOME
/// tmp/      TMPDIR
/// output/   what becomes artifacts
/// ```
struct RunDirectory {
    let path: String

    var work: String { "\(path)/work" }
    var temporary: String { "\(path)/tmp" }
    var output: String { "\(path)/output" }

    /// Makes a fresh directory; whatever an earlier attempt left is ended and removed first.
    ///
    /// The inputs are further names of the stored files, which nobody may write: no byte is copied.
    init(for job: Job, in area: FilesArea) throws {
        path = area.runPath(of: job.jobId)
        Self.clear(path)
        area.removeArtifacts(of: job.jobId)
        do throws(Failure) {
            try fill(with: job.files, from: area)
        } catch {
            remove()
            throw error
        }
    }

    private func fill(with files: [JobFile], from area: FilesArea) throws(Failure) {
        for folder in ["", "/input", "/work", "/tmp", "/output"] {
            guard mkdir(path + folder, 0o700) == 0 else { throw Failure(call: "mkdir", errno: errno) }
        }
        for (index, file) in files.enumerated() {
            guard link(area.path(of: file.fileId), input(index, file)) == 0 else {
                throw Failure(call: "link", errno: errno)
            }
        }
    }

    struct Failure: Error, CustomStringConvertible {
        let call: String
        let errno: CInt

        var description: String { "\(call) failed: \(String(cString: strerror(errno)))" }
    }

    /// The path of a file; it keeps the ending of the name, which some programs look at, when that is harmless.
    func input(_ index: Int, _ file: JobFile) -> String {
        let ending = file.name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last ?? ""
        let isHarmless = (1...8).contains(ending.utf8.count) && ending.utf8.allSatisfy { isAlphanumeric($0) }
        return "\(path)/input/\(index + 1)" + (isHarmless ? ".\(ending)" : "")
    }

    /// Ends whatever still runs in a directory, and removes it.
    static func clear(_ path: String) {
        RunLock.free(path)
        Folder.remove(path)
    }

    func remove() { Folder.remove(path) }
}

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"):
        true
    default: false
    }
}
