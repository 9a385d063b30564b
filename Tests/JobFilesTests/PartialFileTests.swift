import JobModel
import JobTesting
import Testing

@testable import JobFiles

/// What comes of resumable uploads, on the disk.
@Suite(.timeLimit(.minutes(5)))
struct PartialFileTests {
    private let directory = TemporaryDirectory()
    private let intake: UploadIntake
    private let id = FileID.named("file_1")

    init() throws {
        let area = try FilesArea(directory: directory.appending("storage"), types: .built)
        intake = UploadIntake(area, maximumBytes: 1000, minimumFreeBytes: 0)
    }

    private func held(_ patience: Duration = .zero) throws -> PartialFile {
        try PartialFile(id, in: intake.area, patience: patience)
    }

    private func put(
        _ text: String, length: Int64? = nil, checksum: PieceOfUpload.Checksum? = nil, isWhole: Bool = true
    ) throws {
        let file = try held()
        var piece = try PieceOfUpload(of: file, length: length, checksum: checksum, through: intake)
        try text.withBytes { bytes throws(UploadError) in try piece.append(bytes) }
        if isWhole { try piece.finish() } else { try piece.breakOff() }
    }

    /// The digests of `abc` and `de`.
    private static let abc = checksum(.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    private static let de = checksum(.sha256, "959a45d44e6fcf58361ed004681556fe50129f2109e817dec098c00c9e5d2578")
    private static let deBySHA1 = checksum(.sha1, "600ccd1b71569232d01d110bc63e906beab04d8c")

    private static func checksum(
        _ algorithm: PieceOfUpload.Checksum.Algorithm, _ hexadecimal: String
    ) -> PieceOfUpload.Checksum {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
        return PieceOfUpload.Checksum(algorithm, bytes)
    }

    @Test func whatHasComeIsTheSizeOfTheFile() throws {
        #expect(intake.area.partialSize(of: id) == 0)
        try put("abc")
        try put("de", isWhole: false)
        #expect(intake.area.partialSize(of: id) == 5)
        #expect(try intake.area.syncedPartial(id).bytes == 5)
        let described = try held().described(as: "x/letter.txt", id)
        #expect(described.name == "letter.txt" && described.size == 5)
        #expect(described.sha256 == "36bbe50ed96841d10443bcb670d6554f0a34b761be67ec9c4a8ad2c0c44ca42c")
    }

    @Test func aPieceWithAChecksumCountsWhenItIsRight() throws {
        try put("abc", checksum: Self.abc)
        #expect(throws: UploadError.otherChecksum) { try put("de", checksum: Self.abc) }
        try put("de", checksum: Self.de, isWhole: false)
        #expect(intake.area.partialSize(of: id) == 3)
        try put("de", checksum: Self.deBySHA1)
        #expect(intake.area.partialSize(of: id) == 5)
    }

    @Test func nothingIsWrittenBeyondItsEnd() throws {
        try put("abc", length: 4)
        #expect(throws: UploadError.tooLarge(maximumBytes: 4)) { try put("de", length: 4) }
        #expect(throws: UploadError.tooLarge(maximumBytes: 4)) { try put("de", length: 4, checksum: Self.de) }
        #expect(intake.area.partialSize(of: id) == 3)
        #expect(throws: UploadError.tooLarge(maximumBytes: 1000)) { try put(String(repeating: "x", count: 998)) }
    }

    @Test func whoHoldsItIsAskedToMakeWay() async throws {
        var file: PartialFile? = try held()
        #expect(file?.isWanted == false)
        #expect(throws: UploadError.locked) { try held() }
        #expect(file?.isWanted == false)
        let (intake, id) = (intake, id)
        async let size = onOwnThread { try? PartialFile(id, in: intake.area, patience: .seconds(60)).size() }
        while file?.isWanted == false { await giveWay() }
        file = nil
        #expect(await size == 0)
    }

    @Test func whatWasTakenAwayIsGoneForItsHolder() throws {
        let file = try held()
        #expect(!file.isGone)
        intake.area.removePartial(id)
        #expect(file.isGone)
        // Somebody else begins anew.
        #expect(try held().size() == 0)
    }

    @Test func whoeverLooksSeesWhoIsWriting() throws {
        try put("abc")
        #expect(intake.area.partialFiles()[id]?.bytes == 3)
        let file = try held(.seconds(60))
        #expect(intake.area.partialFiles()[id]?.isHeld == true)
        withExtendedLifetime(file) {}
    }

    @Test func partsAreJoinedInTheirOrder() throws {
        let parts = [FileID.named("file_a"), .named("file_b"), .named("file_none")]
        for (part, text) in zip(parts, ["abc", "de"]) {
            let file = try PartialFile(part, in: intake.area, patience: .zero)
            var piece = try PieceOfUpload(of: file, length: nil, checksum: nil, through: intake)
            try text.withBytes { bytes throws(UploadError) in try piece.append(bytes) }
            try piece.finish()
        }
        let file = try held()
        #expect(throws: UploadError.otherLength(announced: 6, bytes: 5)) {
            try file.join(parts, length: 6, through: intake)
        }
        #expect(try file.size() == 0)
        try file.join(parts, length: 5, through: intake)
        #expect(try file.described(as: "a", id).size == 5)
    }

    @Test func aCompleteOneIsAdoptedFromWhereItLies() throws {
        try put("abc")
        let described = try held(.seconds(60)).described(as: "a", id)
        #expect(try intake.area.adopt(described) == .partial)
        #expect(try intake.area.adopt(described) == .kept)
        #expect(intake.area.partialSize(of: id) == 3)
        // Its record may have to be made once more.
        #expect(try held().described(as: "a", id) == described)
    }
}

extension String {
    fileprivate func withBytes(_ body: (UnsafeRawBufferPointer) throws(UploadError) -> Void) throws {
        var failure: UploadError?
        Array(utf8).withUnsafeBytes { bytes in
            do throws(UploadError) { try body(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
