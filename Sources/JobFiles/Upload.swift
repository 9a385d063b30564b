import Dispatch
import Glibc
package import JobModel
package import JobSystem

/// An upload on its way to the disk, by whichever way: what it may take of the disk, how large it may be and which content
/// it must have is looked at while its bytes come, and it is gone if it is not committed.
///
/// Blocks with the disk, and belongs to one thread at a time.
package struct Upload: ~Copyable {
    /// What its sender says of it before it comes.
    package struct Announcement: Hashable, Sendable {
        package var name: String
        /// In bytes.
        package var size: Int64?
        /// 64 lower-case hexadecimal digits.
        package var sha256: String?

        package init(name: String, size: Int64? = nil, sha256: String? = nil) {
            self.name = name
            self.size = size
            self.sha256 = sha256
        }
    }

    package let fileId: FileID
    /// Bytes so far.
    package private(set) var size: Int64 = 0
    private let intake: UploadIntake
    private let announced: Announcement
    private let file: ArrivingFile
    private var digest = Digest()
    private var hasFailed = false

    /// Begins a file that nobody else writes.
    package init(
        _ fileId: FileID, _ announced: Announcement, through intake: UploadIntake
    ) throws(UploadError) {
        self.fileId = fileId
        self.announced = announced
        self.intake = intake
        if let size = announced.size {
            guard size <= intake.maximumBytes else { throw .tooLarge(maximumBytes: intake.maximumBytes) }
            try intake.checkRoom(for: size)
        }
        do throws(SystemError) {
            file = try ArrivingFile(fileId, in: intake.area)
        } catch {
            throw UploadError(error)
        }
    }

    /// Appends bytes, which begin at an offset if one is given.
    ///
    /// What it throws is final, except for a wrong offset: the upload can then only be dropped.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer, at offset: Int64? = nil
    ) throws(UploadError) {
        guard !hasFailed else { throw .failed }
        if let offset, offset != size { throw .wrongOffset(bytes: size) }
        do throws(UploadError) {
            guard Int64(bytes.count) <= intake.maximumBytes - size else {
                throw .tooLarge(maximumBytes: intake.maximumBytes)
            }
            let file = file
            try intake.write(bytes.count) { () throws(SystemError) in
                try Descriptors.writeAll(bytes, to: file.descriptor, file.path)
            }
        } catch {
            hasFailed = true
            throw error
        }
        digest.add(bytes)
        let before = size
        size += Int64(bytes.count)
        if size / Self.writtenBytes > before / Self.writtenBytes { startWriting() }
    }

    /// How much is gathered before the disk is to begin with it.
    private static let writtenBytes: Int64 = 8 * 1024 * 1024

    /// Has the disk begin with what is there, so that little is left to wait for at the end.
    ///
    /// Linux starts to write pages that are said to be of no more use, and keeps them until they are written.
    private func startWriting() {
        let length = Int(2 * Self.writtenBytes)
        posix_fadvise(file.descriptor, max(0, Int(size) - length), length, POSIX_FADV_DONTNEED)
    }

    /// The digest of what has come so far.
    package var sha256: String { digest.hexadecimal }

    /// Makes the bytes durable when they are what was announced; the daemon is to adopt them next.
    ///
    /// Its sender may say only now which digest the content must have. Nothing remains when it throws.
    package consuming func commit(sha256 said: String? = nil) throws(UploadError) -> ArrivedUpload {
        guard !hasFailed else { throw .failed }
        if let announced = announced.size, announced != size {
            throw .otherLength(announced: announced, bytes: size)
        }
        let sha256 = sha256
        for said in [announced.sha256, said] {
            if let said, said != sha256 { throw .otherContent(sha256: sha256) }
        }
        let mediaType: String
        do throws(SystemError) {
            mediaType = try intake.area.types.type(of: file.descriptor)
            try SystemError.check("fsync", fsync(file.descriptor), of: file.path)
        } catch {
            throw UploadError(error)
        }
        let description = JobFile(
            fileId: fileId, name: FileName.safe(announced.name), size: size, mediaType: mediaType, sha256: sha256)
        return ArrivedUpload(file: description, held: file)
    }
}

/// An upload that is whole and durable, and waits in `arriving/` for the daemon to adopt it; it goes soon after its last
/// holder when that does not happen.
package struct ArrivedUpload: Sendable {
    /// With a name that ``FileName`` has made safe.
    package let file: JobFile
    private let held: Hold

    init(file: JobFile, held: ArrivingFile) {
        self.file = file
        self.held = Hold(held)
    }

    /// Lets go on a thread that may block: event loops hold uploads, and to remove a name may have to wait for the disk.
    private final class Hold: Sendable {
        private let file: ArrivingFile

        init(_ file: ArrivingFile) {
            self.file = file
        }

        deinit { DispatchQueue.global(qos: .utility).async { [file] in withExtendedLifetime(file) {} } }
    }
}

extension UploadError {
    package init(_ error: SystemError) {
        let reason = "\(error.call): \(error.reason)"
        self = error.isStorageFull ? .storageFull : error.isShortage ? .unavailable(reason) : .system(reason)
    }
}
