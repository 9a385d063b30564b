import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ArrivalTests {
    private let directory = TemporaryDirectory()
    private let area: FilesArea
    private let id = FileID.named("file_1")

    init() throws {
        area = try FilesArea(directory: directory.appending("storage"))
    }

    @Test func aCommittedFileIsWhatArrived() throws {
        var arrival = try Arrival(id, in: area)
        let parts = [Array("%PDF-1.4\n".utf8), [], [UInt8](repeating: 0xE9, count: 300_000)]
        for part in parts { try arrival.append(part) }
        let sha256 = arrival.sha256
        let file = try arrival.commit(name: "../report\n.pdf")
        #expect(FileOnDisk(area.path(of: id))?.bytes == parts.flatMap { $0 })
        #expect(file.fileId == id)
        #expect(file.name == "report.pdf")
        #expect(file.size == 300_009)
        #expect(file.mediaType == "application/pdf")
        #expect(file.sha256 == sha256)
    }

    @Test func theDigestIsThatOfTheBytes() throws {
        var arrival = try Arrival(id, in: area)
        #expect(arrival.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        try arrival.append(Array("ab".utf8))
        try arrival.append(Array("c".utf8))
        #expect(arrival.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func nobodyMayWriteACommittedFile() throws {
        _ = try Arrival(id, in: area).commit(name: "a")
        #expect(FileOnDisk(area.path(of: id))?.mode == 0o440)
    }

    @Test func anEmptyFileIsAFile() throws {
        let file = try Arrival(id, in: area).commit(name: "")
        #expect(file.size == 0)
        #expect(file.mediaType == "application/x-empty")
        #expect(file.name == FileName.unnamed)
        #expect(FileOnDisk(area.path(of: id))?.bytes == [])
    }

    @Test func anAbandonedArrivalLeavesNothing() throws {
        func begin() throws {
            var arrival = try Arrival(id, in: area)
            try arrival.append([1, 2, 3])
            #expect(Directory.names(at: arriving) == [id.description])
        }
        try begin()
        #expect(Directory.names(at: arriving) == [])
        #expect(FileOnDisk(area.path(of: id)) == nil)
    }

    @Test func aFileOfAnotherDigestIsDroppedByWhoeverAskedForIt() throws {
        func receive(expecting sha256: String) throws -> JobFile? {
            var arrival = try Arrival(id, in: area)
            try arrival.append(Array("abc".utf8))
            guard arrival.sha256 == sha256 else { return nil }
            return try arrival.commit(name: "a")
        }
        #expect(try receive(expecting: String(repeating: "0", count: 64)) == nil)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func nobodyElseWritesAnArrivingFile() throws {
        let first = try Arrival(id, in: area)
        #expect(throws: SystemError.self) { _ = try Arrival(id, in: area).commit(name: "a") }
        _ = try first.commit(name: "a")
        #expect(FileOnDisk(area.path(of: id)) != nil)
    }

    @Test func aSweepTakesOnlyWhatNobodyWrites() throws {
        let alive = try Arrival(id, in: area)
        FileOnDisk.write([1], to: "\(arriving)/file_dead")
        #expect(area.sweepArriving() == 1)
        #expect(Directory.names(at: arriving) == [id.description])
        _ = try alive.commit(name: "a")
        #expect(area.sweepArriving() == 0)
        #expect(FileOnDisk(area.path(of: id)) != nil)
    }

    @Test func aCommitWithoutItsFileFailsAndLeavesNothing() throws {
        #expect(throws: SystemError.self) {
            let arrival = try Arrival(id, in: area)
            unlink("\(arriving)/\(id)")
            _ = try arrival.commit(name: "a")
        }
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    private var arriving: String { "\(area.directory)/files/arriving" }
}

extension Arrival {
    fileprivate mutating func append(_ bytes: [UInt8]) throws {
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Void, SystemError> in
            do throws(SystemError) { return .success(try append(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }
}
