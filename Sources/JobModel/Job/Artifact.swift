/// A file that a job's steps made.
package struct Artifact: Hashable, Sendable {
    /// Unique within its job: another of the same name takes its place.
    package let name: ArtifactName
    /// As the step said it, or as the content shows.
    package let mediaType: String
    /// In bytes.
    package let size: Int64
    /// 64 lower-case hexadecimal digits.
    package let sha256: String

    package init(name: ArtifactName, mediaType: String, size: Int64, sha256: String) {
        self.name = name
        self.mediaType = mediaType
        self.size = size
        self.sha256 = sha256
    }
}
