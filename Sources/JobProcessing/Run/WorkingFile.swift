import JobModel
import JobSystem

/// A file as the steps of a run see it: an upload, or what a step has put in its place.
struct WorkingFile: Sendable {
    /// Among the job's files, from 0.
    let index: Int
    /// What its sender calls it.
    let name: String
    /// Found from the content.
    var mediaType: String
    /// Where it is, for commands.
    var path: String
    /// Where it is in fact.
    var directory: Directory?
    var entry: Directory.Name = ""

    /// Opens it for reading, nil when there is no regular file any more; the caller closes the descriptor.
    func open() -> CInt? { directory?.openFile(entry) }
}
