import Crypto
import Glibc
package import JobModel
import JobSystem

/// A piece of an upload on its way to the disk, behind what has come before.
///
/// One without a checksum is kept as far as it came. One with a checksum counts only when all of it has come and is right:
/// until then it lies in a file without a name, which goes with its writer. Blocks with the disk.
package struct PieceOfUpload: ~Copyable {
    private let intake: UploadIntake
    private let file: PartialFile
    private let checksum: Checksum?
    private var digest: Checksum.Digest?
    /// Where a piece with a checksum waits.
    private let aside: CInt
    /// What lies on the disk.
    package private(set) var offset: Int64
    /// What has come of this piece.
    private var count: Int64 = 0
    /// Where the upload ends; the longest that one may be where that is not known.
    private let end: Int64

    /// A digest that a piece must have.
    package struct Checksum: Hashable, Sendable {
        package enum Algorithm: String, Sendable, CaseIterable { case sha1, sha256 }

        package let algorithm: Algorithm
        package let bytes: [UInt8]

        package init(_ algorithm: Algorithm, _ bytes: [UInt8]) {
            self.algorithm = algorithm
            self.bytes = bytes
        }

        enum Digest {
            case sha1(Insecure.SHA1)
            case sha256(SHA256)

            init(_ algorithm: Algorithm) {
                switch algorithm {
                case .sha1: self = .sha1(Insecure.SHA1())
                case .sha256: self = .sha256(SHA256())
                }
            }

            mutating func add(_ bytes: UnsafeRawBufferPointer) {
                switch self {
                case .sha1(var hasher):
                    hasher.update(bufferPointer: bytes)
                    self = .sha1(hasher)
                case .sha256(var hasher):
                    hasher.update(bufferPointer: bytes)
                    self = .sha256(hasher)
                }
            }

            var bytes: [UInt8] {
                switch self {
                case .sha1(let hasher): Array(hasher.finalize())
                case .sha256(let hasher): Array(hasher.finalize())
                }
            }
        }
    }

    /// Begins a piece behind what is there.
    ///
    /// - Parameters:
    ///   - file: What has come before.
    ///   - length: The upload's, when it is known.
    ///   - checksum: What the piece must have.
    ///   - intake: Where it comes in.
    /// - Throws: When there is nowhere to put it.
    package init(
        of file: PartialFile, length: Int64?, checksum: Checksum?, through intake: UploadIntake
    ) throws(UploadError) {
        // What may fail comes first: one that is half made cannot go.
        let size = try file.size()
        let aside = try checksum == nil ? -1 : Self.fileWithoutName(in: intake.area)
        self.intake = intake
        self.file = file
        self.checksum = checksum
        digest = checksum.map { Checksum.Digest($0.algorithm) }
        offset = size
        end = length ?? intake.maximumBytes
        self.aside = aside
    }

    deinit { if aside >= 0 { close(aside) } }

    private static func fileWithoutName(in area: FilesArea) throws(UploadError) -> CInt {
        let path = "\(area.directory)/files/partial/.piece-\(UInt64.random(in: 0...UInt64.max))"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw UploadError(SystemError("open", path)) }
        unlink(path)
        return descriptor
    }

    /// Appends bytes.
    ///
    /// - Throws: Nothing of these is kept when they are too many; what came before stays.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(UploadError) {
        guard Int64(bytes.count) <= end - offset - (aside >= 0 ? count : 0) else { throw .tooLarge(maximumBytes: end) }
        let (file, aside) = (file, aside)
        do throws(UploadError) {
            try intake.write(bytes.count) { () throws(SystemError) in
                if aside >= 0 { try Descriptors.writeAll(bytes, to: aside) } else { try file.append(bytes) }
            }
        } catch {
            if aside < 0 { offset = try file.size() }
            throw error
        }
        Turn.take { digest?.add(bytes) }
        count += Int64(bytes.count)
        if aside < 0 { offset += Int64(bytes.count) }
    }

    /// Makes what counts durable; the piece has come whole.
    ///
    /// - Throws: `otherChecksum` when it is not what was announced, so that nothing of it counts.
    package mutating func finish() throws(UploadError) {
        if let checksum {
            guard digest?.bytes == checksum.bytes else { throw .otherChecksum }
            try takeIn()
        }
        try file.sync()
    }

    /// Makes durable what has come of a piece that was cut off.
    package mutating func breakOff() throws(UploadError) { try file.sync() }

    /// Puts a piece that is right behind the others.
    private mutating func takeIn() throws(UploadError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while position < count {
            let length = pread(aside, buffer.baseAddress, buffer.count, off_t(position))
            guard length > 0 else {
                if length < 0, errno == EINTR { continue }
                throw UploadError(SystemError("pread", errno: length == 0 ? EIO : errno))
            }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<length])
            let file = file
            do throws(UploadError) {
                try intake.write(length) { () throws(SystemError) in try file.append(bytes) }
            } catch {
                offset = try file.size()
                throw error
            }
            position += Int64(length)
            offset += Int64(length)
        }
    }
}
