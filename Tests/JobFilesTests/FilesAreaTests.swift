import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FilesAreaTests {
    private let directory = TemporaryDirectory()
    private let area: FilesArea
    private let name: ArtifactName

    init() throws {
        area = try FilesArea(directory: directory.appending("s"), types: .built)
        name = try #require(ArtifactName("text.txt"))
    }

    @Test func itsFoldersAreItsOwn() throws {
        #expect(Set(Directory.names(at: area.directory)) == ["files", "artifacts", "runs"])
        #expect(Directory.names(at: "\(area.directory)/files") == ["arriving"])
        for folder in ["", "/files", "/files/arriving", "/artifacts", "/runs"] {
            var status = stat()
            #expect(stat(area.directory + folder, &status) == 0)
            #expect(status.st_mode & 0o7777 & ~0o750 == 0)
        }
    }

    @Test func anAreaThatIsThereIsTakenAsItIs() throws {
        FileOnDisk.write("a", to: area.path(of: .named("f")))
        let again = try FilesArea(directory: area.directory, types: .built)
        #expect(again.directory == area.directory)
        #expect(FileOnDisk(again.path(of: .named("f")))?.text == "a")
    }

    @Test func anAreaBelowNothingIsAnError() {
        let error = #expect(throws: SystemError.self) {
            try FilesArea(directory: directory.appending("a/b"), types: .built)
        }
        #expect(error?.isMissing == true)
        #expect(error?.isStorageFull == false)
    }

    @Test func pathsAreThoseOfTheirFolders() {
        #expect(area.path(of: .named("f:1")) == "\(area.directory)/files/f:1")
        #expect(area.path(of: name, of: .sample, run: 7) == "\(area.directory)/artifacts/sample/7/text.txt")
        #expect(area.runPath(of: .sample, run: 7) == "\(area.directory)/runs/sample@7")
    }

    @Test func aRemovedFileIsGoneAndMayBeRemovedAgain() {
        FileOnDisk.write("a", to: area.path(of: .named("f")))
        for _ in 0..<2 { area.remove(.named("f")) }
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func removedArtifactsLeaveThoseOfOthers() {
        for job in ["a", "b"] { makeArtifact("x", of: .named(job)) }
        for _ in 0..<2 { area.removeArtifacts(of: .named("a")) }
        #expect(FileOnDisk.all(below: area.directory) == ["artifacts/b/7/text.txt"])
        #expect(Directory.names(at: "\(area.directory)/artifacts") == ["b"])
    }

    @Test(arguments: [(0, 4, "0123"), (2, 4, "2345"), (8, 4, "89"), (10, 4, ""), (99, 4, ""), (0, 0, "")])
    func anArtifactIsReadInParts(offset: Int64, limit: Int, part: String) throws {
        makeArtifact("0123456789", of: .sample)
        let bytes = try area.read(name, of: .sample, run: 7, from: offset, limit: limit)
        #expect(String(decoding: bytes, as: UTF8.self) == part)
    }

    @Test func onlyARegularFileIsAnArtifact() throws {
        let folder = area.artifactsPath(of: .sample, run: 7)
        let missing = #expect(throws: SystemError.self) { try area.open(name, of: .sample, run: 7) }
        #expect(missing?.isMissing == true)
        try area.makeArtifactsFolder(of: .sample, run: 7)
        symlink("/etc/passwd", "\(folder)/text.txt")
        #expect(throws: SystemError.self) { try area.open(name, of: .sample, run: 7) }
        unlink("\(folder)/text.txt")
        mkdir("\(folder)/text.txt", 0o750)
        #expect(throws: SystemError.self) { try area.open(name, of: .sample, run: 7) }
    }

    /// As earlier versions left them.
    @Test func artifactsInTheFolderOfTheirJobAreStillRead() throws {
        mkdir(area.artifactsPath(of: .sample), 0o750)
        FileOnDisk.write("older", to: "\(area.artifactsPath(of: .sample))/\(name)")
        for run: Int64? in [nil, 7] {
            #expect(try area.read(name, of: .sample, run: run, from: 0, limit: 9) == Array("older".utf8))
        }
        makeArtifact("newer", of: .sample)
        #expect(try area.read(name, of: .sample, run: 7, from: 0, limit: 9) == Array("newer".utf8))
        #expect(try area.read(name, of: .sample, run: nil, from: 0, limit: 9) == Array("older".utf8))
        area.removeArtifacts(of: .sample, exceptOf: 7)
        #expect(FileOnDisk.all(below: area.directory) == ["artifacts/sample/7/text.txt"])
        area.removeArtifacts(of: .sample, exceptOf: 8)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func foldersOfArtifactsThatSomebodyRemovedAreMadeAgain() throws {
        #expect(rmdir("\(area.directory)/artifacts") == 0)
        makeArtifact("a", of: .sample)
        try area.syncArtifacts(of: .sample, run: 7)
        #expect(FileOnDisk.all(below: area.directory) == ["artifacts/sample/7/text.txt"])
    }

    @Test func runsAreFoundByTheirPath() {
        #expect(area.runPaths() == [])
        mkdir(area.runPath(of: .sample, run: 7), 0o700)
        #expect(area.runPaths() == [area.runPath(of: .sample, run: 7)])
    }

    @Test func freeSpaceIsKnown() throws {
        #expect(area.freeBytes() > 0)
        Directory.remove(at: area.directory)
        #expect(area.freeBytes() == 0)
    }

    private func makeArtifact(_ text: String, of job: JobID) {
        #expect(throws: Never.self) { try area.makeArtifactsFolder(of: job, run: 7) }
        FileOnDisk.write(text, to: "\(area.artifactsPath(of: job, run: 7))/\(name)")
    }
}
