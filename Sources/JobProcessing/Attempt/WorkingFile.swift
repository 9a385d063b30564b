import JobModel

/// A file as the steps of an attempt see it: an upload, or what a step has put in its place.
struct WorkingFile: Hashable, Sendable {
    /// Among the job's files, from 0.
    let index: Int
    /// What its sender calls it.
    let name: String
    /// Found from the content.
    var mediaType: String
    /// Where it is, in the attempt's directory.
    var path: String
}
