/// Why an upload is not taken.
package enum UploadError: Error, Hashable, Sendable {
    /// It has more bytes than one may have.
    case tooLarge(maximumBytes: Int64)
    /// It would take of what must stay free on the disk.
    case storageFull
    /// It has another SHA-256 than was announced: this one.
    case otherContent(sha256: String)
    /// It has fewer or more bytes than were announced.
    case otherLength(announced: Int64, bytes: Int64)
    /// The bytes do not begin where the upload ends: here.
    case wrongOffset(bytes: Int64)
    /// An earlier part of it was refused, so that it can never be whole.
    case failed
    /// A piece does not have the checksum that was announced.
    case otherChecksum
    /// Somebody else writes it.
    case locked
    /// Nothing has arrived under this id.
    case notArrived(FileID)
    /// What has arrived under this id is not what it is said to be.
    case unlike(FileID, String)
    /// For want of something that comes back: descriptors, memory.
    case unavailable(String)
    /// A system call failed.
    case system(String)
}
