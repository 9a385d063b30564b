import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct UploadTests {
    private let directory = TemporaryDirectory()
    private let area: FilesArea
    private let intake: UploadIntake
    private let id = FileID.named("file_1")
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    init() throws {
        area = try FilesArea(directory: directory.appending("storage"), types: .built)
        intake = UploadIntake(area, maximumBytes: 1_000_000, minimumFreeBytes: 0)
    }

    private func begin(_ announced: Upload.Announcement = .init(name: "a")) throws -> Upload {
        try Upload(id, announced, through: intake)
    }

    // MARK: What arrives

    @Test func aWholeUploadIsWhatArrived() throws {
        var upload = try begin(.init(name: "../report\n.pdf"))
        let parts = [Array("%PDF-1.4\n".utf8), [], [UInt8](repeating: 0xE9, count: 300_000)]
        for part in parts { try upload.append(part) }
        let sha256 = upload.sha256
        let arrived = try upload.commit()
        #expect(FileOnDisk(area.arrivingPath(of: id))?.bytes == parts.flatMap { $0 })
        #expect(arrived.file.fileId == id)
        #expect(arrived.file.name == "report.pdf")
        #expect(arrived.file.size == 300_009)
        #expect(arrived.file.mediaType == "application/pdf")
        #expect(arrived.file.sha256 == sha256)
    }

    @Test func theDigestIsThatOfTheBytes() throws {
        var upload = try begin()
        #expect(upload.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        try upload.append(Array("ab".utf8))
        try upload.append(Array("c".utf8))
        #expect(upload.sha256 == Self.abc)
    }

    @Test func nobodyMayWriteAWholeUpload() throws {
        let arrived = try begin().commit()
        #expect(FileOnDisk(area.arrivingPath(of: arrived.file.fileId))?.mode == 0o400)
    }

    @Test func anEmptyFileIsAFile() throws {
        let arrived = try begin(.init(name: "", size: 0)).commit()
        #expect(arrived.file.size == 0)
        #expect(arrived.file.mediaType == "application/x-empty")
        #expect(arrived.file.name == FileName.unnamed)
    }

    @Test func anUploadThatEndsLeavesNothing() throws {
        func begin() throws {
            var upload = try self.begin()
            try upload.append([1, 2, 3])
            #expect(Directory.names(at: arriving) == [id.description])
        }
        try begin()
        #expect(Directory.names(at: arriving) == [])
    }

    @Test func aWholeUploadThatNobodyAdoptsGoesWithItsLastHolder() async throws {
        var holders = [try begin().commit()]
        holders.append(holders[0])
        holders.removeFirst()
        #expect(Directory.names(at: arriving) == [id.description])
        holders = []
        while Directory.names(at: arriving) != [] { await giveWay() }
    }

    // MARK: What is refused

    @Test(
        arguments: [
            (
                Upload.Announcement(name: "a", sha256: String(repeating: "0", count: 64)),
                UploadError.otherContent(sha256: abc)
            ),
            (.init(name: "a", size: 4), .otherLength(announced: 4, bytes: 3)),
            (.init(name: "a", size: 2), .otherLength(announced: 2, bytes: 3)),
            (.init(name: "a", size: 1_000_001), .tooLarge(maximumBytes: 1_000_000)),
        ] as [(Upload.Announcement, UploadError)])
    func whatIsNotAsAnnouncedIsRefusedAndLeavesNothing(announced: Upload.Announcement, error: UploadError) throws {
        #expect(throws: error) {
            var upload = try begin(announced)
            try upload.append(Array("abc".utf8))
            _ = try upload.commit()
        }
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func aDigestMayBeSaidAtTheEnd() throws {
        var upload = try begin()
        try upload.append(Array("abc".utf8))
        #expect(try upload.commit(sha256: Self.abc).file.sha256 == Self.abc)
        #expect(
            throws: UploadError.otherContent(sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        ) {
            // Another one: the first goes soon after its last holder.
            try Upload(.named("file_2"), .init(name: "a"), through: intake).commit(sha256: Self.abc)
        }
    }

    @Test func bytesBeginWhereTheUploadEnds() throws {
        var upload = try begin()
        try upload.append(Array("ab".utf8), at: 0)
        for offset: Int64 in [0, 1, 3, -1, .max] {
            var error: (any Error)?
            do { try upload.append(Array("x".utf8), at: offset) } catch let found { error = found }
            #expect(error as? UploadError == .wrongOffset(bytes: 2))
        }
        try upload.append(Array("c".utf8), at: 2)
        #expect(try upload.commit(sha256: Self.abc).file.size == 3)
    }

    @Test func aRefusedPartIsTheEndOfAnUpload() throws {
        let narrow = UploadIntake(area, maximumBytes: 3, minimumFreeBytes: 0)
        var upload = try Upload(id, .init(name: "a"), through: narrow)
        try upload.append(Array("ab".utf8))
        for (part, expected) in [("cd", UploadError.tooLarge(maximumBytes: 3)), ("c", .failed)] {
            var error: (any Error)?
            do { try upload.append(Array(part.utf8)) } catch let found { error = found }
            #expect(error as? UploadError == expected)
        }
        var error: (any Error)?
        do { _ = try upload.commit() } catch let found { error = found }
        #expect(error as? UploadError == .failed)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func nobodyElseWritesAnArrivingFile() throws {
        let first = try begin()
        #expect(throws: UploadError.self) { _ = try begin().commit() }
        let arrived = try first.commit()
        #expect(FileOnDisk(area.arrivingPath(of: arrived.file.fileId)) != nil)
    }

    // MARK: Room

    @Test func whatMustStayFreeIsNotTaken() throws {
        let narrow = UploadIntake(area, maximumBytes: 1_000_000, minimumFreeBytes: .max)
        #expect(throws: UploadError.storageFull) { try narrow.checkRoom(for: 0) }
        #expect(throws: UploadError.storageFull) {
            // Unannounced, so that only the bytes themselves can be counted.
            var upload = try Upload(id, .init(name: "a"), through: narrow)
            try upload.append([1])
        }
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func whatIsAnnouncedAndDoesNotComeKeepsNobodyOut() throws {
        let free = area.freeBytes()
        let wide = UploadIntake(area, maximumBytes: .max, minimumFreeBytes: 0)
        let first = try Upload(.named("file_a"), .init(name: "a", size: free / 4 * 3), through: wide)
        var second = try Upload(.named("file_b"), .init(name: "b", size: 3), through: wide)
        try second.append(Array("abc".utf8))
        #expect(try second.commit().file.size == 3)
        #expect(first.size == 0)
    }

    @Test func moreThanTheDiskHasIsRefusedBeforeItComes() throws {
        let wide = UploadIntake(area, maximumBytes: .max, minimumFreeBytes: 0)
        #expect(throws: UploadError.storageFull) {
            _ = try Upload(id, .init(name: "a", size: .max), through: wide).size
        }
    }

    // MARK: Folders and sweeps

    @Test func aFolderThatSomebodyRemovedIsMadeAgain() throws {
        #expect(rmdir(arriving) == 0)
        #expect(try begin().commit().file.size == 0)
        #expect(FileOnDisk.exists(arriving))
    }

    @Test func aSweepTakesOnlyWhatNobodyWrites() throws {
        let alive = try begin()
        FileOnDisk.write([1], to: "\(arriving)/file_dead")
        #expect(area.sweepArriving() == 1)
        #expect(Directory.names(at: arriving) == [id.description])
        let arrived = try alive.commit()
        #expect(area.sweepArriving() == 0)
        #expect(FileOnDisk(area.arrivingPath(of: arrived.file.fileId)) != nil)
    }

    /// A sweep may come between the making of a file and its lock.
    @Test func noSweepTakesWhatJustBegins() async throws {
        let (area, intake) = (area, intake)
        await withTaskGroup(of: Bool.self) { group in
            for index in 0..<2000 {
                group.addTask {
                    guard let upload = try? Upload(.named("file_\(index)"), .init(name: "a"), through: intake) else {
                        return false
                    }
                    let isThere = FileOnDisk.exists(area.arrivingPath(of: upload.fileId))
                    return isThere && upload.size == 0
                }
                group.addTask {
                    area.sweepArriving()
                    return true
                }
            }
            for await isThere in group { #expect(isThere) }
        }
    }

    private var arriving: String { "\(area.directory)/files/arriving" }
}

extension Upload {
    fileprivate mutating func append(_ bytes: [UInt8], at offset: Int64? = nil) throws {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, UploadError> in
            do throws(UploadError) { return .success(try append(bytes, at: offset)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
