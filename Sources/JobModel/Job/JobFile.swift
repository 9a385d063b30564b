/// A file of a job, as it was uploaded.
package struct JobFile: Hashable, Sendable {
    /// Under which the bytes lie in `files/`, or come in `files/partial/`.
    package let fileId: FileID
    /// What its sender calls it; shown, never used as a path.
    package let name: String
    /// In bytes.
    package let size: Int64
    /// Found from the content; while that has not come whole, what its sender says.
    package let mediaType: String
    /// 64 lower-case hexadecimal digits; nil while it has not come whole.
    package let sha256: String?

    package init(fileId: FileID, name: String, size: Int64, mediaType: String, sha256: String?) {
        self.fileId = fileId
        self.name = name
        self.size = size
        self.mediaType = mediaType
        self.sha256 = sha256
    }

    /// Whether all of its bytes have come; the digest is known from then on.
    package var isWhole: Bool { sha256 != nil }

    /// Whether both have the same name and content, whatever their ids; of what has not come whole only the ids can tell.
    package func isSameInput(as other: JobFile) -> Bool {
        guard let sha256, let otherDigest = other.sha256 else { return fileId == other.fileId }
        return name == other.name && size == other.size && sha256 == otherDigest
    }
}
