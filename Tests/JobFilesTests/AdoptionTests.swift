import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct AdoptionTests {
    private let directory = TemporaryDirectory()
    private let area: FilesArea
    private let file = JobFile(
        fileId: .named("file_1"), name: "a", size: 3, mediaType: "text/plain", sha256: String(repeating: "0", count: 64)
    )

    init() throws {
        area = try FilesArea(directory: directory.appending("storage"), types: .built)
    }

    private func arrive(_ text: String = "abc") { FileOnDisk.write(text, to: area.arrivingPath(of: file.fileId)) }

    @Test func whatHasArrivedIsKept() throws {
        arrive()
        #expect(try area.adopt(file) == .arriving)
        try area.syncFiles()
        #expect(FileOnDisk.all(below: area.directory) == ["files/file_1"])
    }

    @Test func anAdoptionMayBeRepeated() throws {
        arrive()
        #expect(try area.adopt(file) == .arriving)
        link(area.path(of: file.fileId), directory.appending("backup"))
        #expect(try area.adopt(file) == .kept)
    }

    @Test func whatWasSetAsideCanStillBeAdopted() throws {
        FileOnDisk.write("abc", to: area.path(of: file.fileId))
        #expect(try area.setAside(file.fileId))
        #expect(try area.adopt(file) == .setAside)
        #expect(FileOnDisk(area.path(of: file.fileId))?.text == "abc")
    }

    @Test func whatHasNotArrivedIsNotAdopted() {
        #expect(throws: UploadError.notArrived(file.fileId)) { try area.adopt(file) }
    }

    @Test(arguments: ["", "ab", "abcd"])
    func anotherSizeIsNotAdopted(text: String) {
        arrive(text)
        #expect(throws: UploadError.unlike(file.fileId, "has \(text.utf8.count) bytes, not 3")) { try area.adopt(file) }
        #expect(FileOnDisk.all(below: area.directory) == ["files/arriving/file_1"])
    }

    @Test func onlyAFileOfItsOwnIsAdopted() throws {
        let path = area.arrivingPath(of: file.fileId)
        let other = directory.appending("other")
        FileOnDisk.write("abc", to: other)
        let make: [() -> CInt] = [
            { link(other, path) }, { symlink(other, path) }, { mkdir(path, 0o700) }, { mkfifo(path, 0o600) },
        ]
        for make in make {
            #expect(make() == 0)
            #expect(throws: UploadError.unlike(file.fileId, "is not a file of its own")) { try area.adopt(file) }
            Directory.removeAny(at: path)
        }
        #expect(FileOnDisk(other)?.text == "abc")
    }

    /// An id that a client of the socket says, and that is the name of something else.
    @Test func aFolderIsNoUpload() throws {
        let folder = JobFile(
            fileId: .named("arriving"), name: "a", size: 3, mediaType: "text/plain", sha256: file.sha256)
        #expect(throws: UploadError.self) { try area.adopt(folder) }
    }

    @Test func nothingThatIsKeptIsReplaced() throws {
        FileOnDisk.write("xyz", to: area.path(of: file.fileId))
        arrive()
        #expect(try area.adopt(file) == .kept)
        #expect(FileOnDisk(area.path(of: file.fileId))?.text == "xyz")
    }

    // MARK: Set aside

    @Test func whatIsSetAsideComesBackOrGoesWhenItsTimeIsOver() throws {
        FileOnDisk.write("abc", to: area.path(of: file.fileId))
        mkdir(area.artifactsPath(of: .sample), 0o750)
        FileOnDisk.write("text", to: "\(area.artifactsPath(of: .sample))/a.txt")
        #expect(try area.setAside(file.fileId))
        #expect(try area.setAside(artifactsOf: .sample))
        #expect(FileOnDisk.all(below: area.directory) == ["unknown/artifacts/sample/a.txt", "unknown/files/file_1"])
        #expect(area.filesSetAside() == [file.fileId])
        #expect(area.artifactsSetAside() == [.sample])
        #expect(try area.bringBack(file.fileId))
        #expect(try area.bringBack(artifactsOf: .sample))
        #expect(FileOnDisk.all(below: area.directory) == ["artifacts/sample/a.txt", "files/file_1"])
    }

    /// However old it is: its time begins when it is set aside.
    @Test func whatIsSetAsideStaysForItsTime() throws {
        FileOnDisk.write("abc", to: area.path(of: file.fileId))
        var old = [timeval(tv_sec: 1, tv_usec: 0), timeval(tv_sec: 1, tv_usec: 0)]
        utimes(area.path(of: file.fileId), &old)
        #expect(try area.setAside(file.fileId))
        let now = Timestamp(milliseconds: Int64(time(nil)) * 1000)
        #expect(area.removeSetAside(before: now + .seconds(-3600)) == 0)
        #expect(area.removeSetAside(before: now + .seconds(3600)) == 1)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func whatIsNotThereIsNotSetAside() throws {
        #expect(try !area.setAside(file.fileId))
        #expect(try !area.setAside(artifactsOf: .sample))
        #expect(try !area.bringBack(file.fileId))
    }

    @Test func aRemovedFileIsGoneAlsoWhereItWasSetAside() throws {
        FileOnDisk.write("abc", to: area.path(of: file.fileId))
        #expect(try area.setAside(file.fileId))
        area.remove(file.fileId)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }
}

@Suite(.timeLimit(.minutes(5)))
struct NamesInPiecesTests {
    @Test func allNamesComeAFewAtATime() {
        let directory = TemporaryDirectory()
        let names = Set((0..<25).map { "f\($0)" })
        for name in names { FileOnDisk.write("", to: directory.appending(name)) }
        let pieces = NamesInPieces(directory.appending(""))
        var found: [String] = []
        while case let piece = pieces.next(10), !piece.isEmpty {
            #expect(piece.count <= 10)
            found += piece
        }
        #expect(found.count == 25 && Set(found) == names)
        #expect(NamesInPieces(directory.appending("missing")).next(10) == [])
    }
}
