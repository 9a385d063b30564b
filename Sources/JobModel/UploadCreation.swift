/// What a resumable upload is to be.
package struct UploadCreation: Hashable, Sendable {
    /// Made by whoever asks, before he asks for the first time.
    package var fileId: FileID
    /// A file, a part of one, or one made of parts that have come.
    package var kind: UploadRecord.Kind
    /// What the sender calls the file; at most ``Limits/fileNameBytes``.
    package var name: String
    /// As the sender says it; `application/octet-stream` when he says nothing.
    package var mediaType: String
    /// The text of `Upload-Metadata`, given back as it came; at most ``Limits/uploadMetadataBytes``.
    package var metadata: String?
    /// In bytes; nil when it is said later, or follows from its parts.
    package var length: Int64?

    package init(
        fileId: FileID, kind: UploadRecord.Kind = .file, name: String = "",
        mediaType: String = "application/octet-stream", metadata: String? = nil, length: Int64? = nil
    ) {
        self.fileId = fileId
        self.kind = kind
        self.name = name
        self.mediaType = mediaType
        self.metadata = metadata
        self.length = length
    }
}
