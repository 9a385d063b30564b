import Glibc
import JobModel
import JobSystem
import JobTesting
import Testing

@testable import JobFiles

/// The digest of a resumable upload, which is kept with its bytes from one piece to the next.
@Suite(.timeLimit(.minutes(5)))
struct KeptDigestTests {
    private let directory = TemporaryDirectory()
    private let intake: UploadIntake
    private let id = FileID.named("file_1")
    private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 5) }

    init() throws {
        let area = try FilesArea(directory: directory.appending("storage"), types: .built)
        intake = UploadIntake(area, maximumBytes: 1_000_000, minimumFreeBytes: 0)
    }

    private enum End { case whole, brokenOff, killed }

    /// Puts a part of the content behind what is there, as another front each time.
    private func put(
        _ range: Range<Int>, _ end: End = .whole, of upload: FileID? = nil, follows: Bool = true,
        checksum: PieceOfUpload.Checksum? = nil, length: Int64? = nil
    ) throws {
        let file = try PartialFile(upload ?? id, in: intake.area, patience: .zero)
        if follows { try file.followDigest() }
        var piece = try PieceOfUpload(of: file, length: length, checksum: checksum, through: intake)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: 65_536) {
            let bytes = Array(Self.content[start..<min(range.upperBound, start + 65_536)])
            try bytes.span.withUnsafeBytes { bytes throws(UploadError) in try piece.append(bytes) }
        }
        switch end {
        case .whole: try piece.finish()
        case .brokenOff: try piece.breakOff()
        case .killed: break
        }
    }

    private func described() throws -> JobFile {
        try PartialFile(id, in: intake.area, patience: .zero).described(as: "a", id)
    }

    private func expected(_ count: Int) -> String {
        var digest = Digest()
        Self.content.prefix(count).withUnsafeBytes { digest.add($0) }
        return digest.hexadecimal
    }

    /// Has the disk say another first byte, so that whoever reads all of it comes to another digest.
    private func change() {
        let descriptor = open(intake.area.partialPath(of: id), O_WRONLY)
        pwrite(descriptor, [Self.content[0] ^ 1], 1, 0)
        close(descriptor)
    }

    /// Whether the disk keeps anything with a file.
    private static let keeps: Bool = {
        let directory = TemporaryDirectory()
        let descriptor = open(directory.appending("probe"), O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        return FileNote("user.jobd.probe").set([1], of: descriptor)
    }()

    @Test(.enabled(if: keeps)) func whatWasHashedIsNotReadAgain() throws {
        try put(0..<100_000)
        try put(100_000..<100_001, length: 200_000)
        try put(100_001..<200_000, length: 200_000)
        change()
        #expect(try described().sha256 == expected(200_000))
        // Its record may have to be made once more.
        #expect(try described().sha256 == expected(200_000))
    }

    @Test(.enabled(if: keeps)) func aPieceThatWasRefusedOrCutOffLosesNothing() throws {
        try put(0..<70_000)
        let wrong = PieceOfUpload.Checksum(.sha256, Array(repeating: 0, count: 32))
        #expect(throws: UploadError.otherChecksum) { try put(0..<60_000, checksum: wrong) }
        #expect(throws: UploadError.tooLarge(maximumBytes: 70_010)) { try put(70_000..<80_000, length: 70_010) }
        try put(70_000..<140_000, .brokenOff)
        // A front that is killed has no time to keep anything, and one of another version does not.
        try put(140_000..<150_000, .killed)
        try put(150_000..<160_000, follows: false)
        try put(160_000..<200_000)
        change()
        #expect(try described().sha256 == expected(200_000))
    }

    @Test(.enabled(if: keeps)) func aJoinedOneIsHashedWhileItIsJoined() throws {
        let parts = [FileID.named("file_a"), .named("file_b")]
        try put(0..<90_000, of: parts[0], follows: false)
        try put(90_000..<200_000, of: parts[1], follows: false)
        let file = try PartialFile(id, in: intake.area, patience: .zero)
        try file.join(parts, length: 200_000, through: intake)
        change()
        #expect(try file.described(as: "a", id).sha256 == expected(200_000))
    }

    /// As where the disk keeps nothing, or what it keeps is of another file.
    @Test func whatIsNotKnownIsRead() throws {
        try put(0..<100_000, follows: false)
        try put(100_000..<200_000, follows: false)
        var digest = RunningDigest()
        Self.content.withUnsafeBytes { digest.add($0) }
        let note = FileNote("user.jobd.sha256")
        let descriptor = open(intake.area.partialPath(of: id), O_RDWR)
        defer { close(descriptor) }
        #expect(try described().sha256 == expected(200_000))
        note.set(digest.saved, of: descriptor)
        ftruncate(descriptor, 1000)
        #expect(try described().sha256 == expected(1000))
        note.set([1, 2, 3], of: descriptor)
        #expect(try described().sha256 == expected(1000))
    }
}
