package import JobModel

/// What a front tells of an upload that it receives.
package struct UploadReport: Hashable, Sendable {
    /// Its name among those of the front, 1 to 64 characters.
    package let upload: String
    /// What has come of it.
    package let bytes: Int64
    /// How long it is to be; nil where its sender did not say.
    package let announced: Int64?
    /// Whether nothing more comes.
    package let hasEnded: Bool
    /// What lies on the disk when a piece has ended; nil for what is not one.
    package let stored: Stored?

    /// How much has come of a resumable upload.
    package struct Stored: Hashable, Sendable {
        /// The upload, which is to be this file.
        package let fileId: FileID
        /// What lies on the disk, synced.
        package let bytes: Int64

        package init(fileId: FileID, bytes: Int64) {
            self.fileId = fileId
            self.bytes = bytes
        }
    }

    package init(
        upload: String, bytes: Int64 = 0, announced: Int64? = nil, hasEnded: Bool = false, stored: Stored? = nil
    ) {
        self.upload = upload
        self.stored = stored
        self.bytes = bytes
        self.announced = announced
        self.hasEnded = hasEnded
    }
}
