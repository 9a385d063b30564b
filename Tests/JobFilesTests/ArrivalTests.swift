import FoundationEssentials
import Glibc
import JobFiles
import JobModel
import JobTesting
import Testing

struct ArrivalTests {
    let directory = TemporaryDirectory()
    let area: FilesArea
    let id = FileID.named("file_1")

    init() throws {
        area = try FilesArea(directory: directory.path)
    }

    @Test func whatIsCommittedIsThereForReadingOnly() throws {
        var arrival = try Arrival(id, in: area)
        try append("con", to: &arrival)
        try append("tent", to: &arrival)
        let file = try arrival.commit(name: "../a.txt")
        #expect(
            file
                == JobFile(
                    fileId: id, name: "a.txt", size: 7, mediaType: "text/plain",
                    sha256: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73"))
        #expect(try String(contentsOfFile: area.path(of: id), encoding: .utf8) == "content")
        var status = stat()
        #expect(stat(area.path(of: id), &status) == 0)
        #expect(status.st_mode & 0o777 == 0o440)
        #expect(arriving() == [])
    }

    @Test func whatIsNotCommittedLeavesNothing() throws {
        do {
            var arrival = try Arrival(id, in: area)
            try append("content", to: &arrival)
            #expect(arriving() == ["file_1"])
        }
        #expect(arriving() == [])
        #expect(!FileManager.default.fileExists(atPath: area.path(of: id)))
    }

    @Test func anIdIsUsedOnce() throws {
        let arrival = try Arrival(id, in: area)
        #expect(throws: FilesError.self) { _ = try Arrival(id, in: area) }
        _ = consume arrival
    }

    @Test func aSweepLeavesWhatIsStillWritten() throws {
        let arrival = try Arrival(id, in: area)
        #expect(FileManager.default.createFile(atPath: directory.appending("files/arriving/file_2"), contents: nil))
        #expect(area.sweepArriving() == 1)
        #expect(arriving() == ["file_1"])
        _ = consume arrival
    }

    @Test func aRemovedFileIsGoneAndRemovingAgainIsNoError() throws {
        let arrival = try Arrival(id, in: area)
        _ = try arrival.commit(name: "a")
        area.remove(id)
        area.remove(id)
        #expect(!FileManager.default.fileExists(atPath: area.path(of: id)))
    }

    @Test(arguments: [
        ([UInt8]("%PDF-1.4\n1 0 obj".utf8), "application/pdf"), ([UInt8]("Plain text.\n".utf8), "text/plain"),
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13] + [UInt8]("IHDR".utf8), "image/png"),
        ([0, 1, 2, 3, 254, 255], "application/octet-stream"),
    ])
    func theMediaTypeComesFromTheContent(bytes: [UInt8], mediaType: String) throws {
        var arrival = try Arrival(id, in: area)
        try bytes.withUnsafeBytes { try arrival.append($0) }
        #expect(try arrival.commit(name: "a.exe").mediaType == mediaType)
    }

    @Test func artifactsAreReadInParts() throws {
        let job = JobID.sample
        let name = try #require(ArtifactName("text.txt"))
        let folder = area.artifactsPath(of: job)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        #expect(FileManager.default.createFile(atPath: "\(folder)/text.txt", contents: Data("0123456789".utf8)))
        #expect(try area.read(name, of: job, from: 3, limit: 4) == Array("3456".utf8))
        #expect(try area.read(name, of: job, from: 8, limit: 100) == Array("89".utf8))
        #expect(try area.read(name, of: job, from: 100, limit: 1) == [])
        let link = try #require(ArtifactName("link"))
        #expect(symlink("/etc/passwd", "\(folder)/link") == 0)
        #expect(throws: FilesError.self) { try area.read(link, of: job, from: 0, limit: 1) }
        area.removeArtifacts(of: job)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    private func append(_ text: String, to arrival: inout Arrival) throws {
        try Array(text.utf8).withUnsafeBytes { try arrival.append($0) }
    }

    private func arriving() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: directory.appending("files/arriving"))) ?? ["none"]
    }
}
