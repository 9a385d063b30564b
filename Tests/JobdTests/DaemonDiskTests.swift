import Glibc
import JobFiles
import JobModel
import JobSystem
import JobDaemonTesting
import JobTesting
import JobWire
import NIOPosix
import Testing

@testable import jobd

/// The daemon's hands on a real directory.
@Suite(.timeLimit(.minutes(5)))
struct DaemonDiskTests {
    private let directory = TemporaryDirectory()
    private let area: FilesArea
    private let disk: DaemonDisk

    init() throws {
        area = try FilesArea(directory: directory.appending("data"), types: .built)
        disk = DaemonDisk(
            intake: UploadIntake(area, maximumBytes: 10, minimumFreeBytes: 0), uploadPatience: .seconds(3600),
            loop: MultiThreadedEventLoopGroup.singleton.next())
    }

    private func upload(_ text: String) async throws -> JobFile {
        let id = try await disk.begin("a.txt").outcome()
        try await disk.append(Array(text.utf8), to: id).outcome()
        return try await disk.commit(id, sha256: nil).outcome()
    }

    private func code<Value>(_ body: () async throws -> Value) async -> ErrorCode? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? Refusal)?.code
        }
    }

    @Test func anUploadArrivesAndIsKeptWhenItIsAdopted() async throws {
        let file = try await upload("abc")
        #expect(FileOnDisk.all(below: area.directory) == ["files/arriving/\(file.fileId)"])
        try await disk.adopt(file).outcome()
        disk.endAdoption(of: file.fileId, isRecorded: true)
        #expect(FileOnDisk.all(below: area.directory) == ["files/\(file.fileId)"])
        try await disk.adopt(file).outcome()
    }

    @Test func manyAreAdoptedAtOnce() async throws {
        var files: [JobFile] = []
        for index in 0..<20 { files.append(try await upload("\(index)")) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for file in files { group.addTask { [disk] in try await disk.adopt(file).outcome() } }
            try await group.waitForAll()
        }
        #expect(FileOnDisk.all(below: area.directory).count == 20)
        #expect(Directory.names(at: "\(area.directory)/files/arriving") == [])
    }

    @Test func aRefusedPartIsTheEndOfItsUpload() async throws {
        let id = try await disk.begin("a").outcome()
        try await disk.append(Array("12345678".utf8), to: id).outcome()
        #expect(await code { try await disk.append(Array("abc".utf8), to: id).outcome() } == .payloadTooLarge)
        #expect(FileOnDisk.all(below: area.directory) == [])
        #expect(await code { try await disk.append(Array("a".utf8), to: id).outcome() } == .fileNotFound)
        #expect(await code { try await disk.commit(id, sha256: nil).outcome() } == .fileNotFound)
    }

    @Test func uploadsOverTheSocketLeaveFreeWhatMustStayFree() async throws {
        let full = DaemonDisk(
            intake: UploadIntake(area, maximumBytes: 10, minimumFreeBytes: .max),
            loop: MultiThreadedEventLoopGroup.singleton.next())
        let id = try await full.begin("a").outcome()
        #expect(await code { try await full.append([1], to: id).outcome() } == .storageFull)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func whatIsNotThereOrAnotherSizeIsNotAdopted() async throws {
        let file = try await upload("abc")
        let other = JobFile(fileId: file.fileId, name: "a", size: .max, mediaType: "a/b", sha256: file.sha256)
        #expect(await code { try await disk.adopt(other).outcome() } == .invalidRequest)
        let missing = JobFile(fileId: .named("file_x"), name: "a", size: 3, mediaType: "a/b", sha256: file.sha256)
        #expect(await code { try await disk.adopt(missing).outcome() } == .fileNotFound)
    }

    // MARK: What no record names

    @Test func anUploadWithoutARecordIsInDoubtAndThenRemoved() async throws {
        let file = try await upload("abc")
        try await disk.adopt(file).outcome()
        #expect(try await disk.doubtfulFiles().outcome() == [])
        #expect(try await disk.nextFiles(10).outcome() == [])
        disk.endAdoption(of: file.fileId, isRecorded: false)
        #expect(try await disk.doubtfulFiles().outcome() == [file.fileId])
        #expect(try await disk.clear(files: [file.fileId]).outcome() == 0)
        #expect(FileOnDisk.all(below: area.directory) == [])
    }

    @Test func whatIsAdoptedWhileTheStoreIsAskedStays() async throws {
        let file = try await upload("abc")
        try await disk.adopt(file).outcome()
        disk.endAdoption(of: file.fileId, isRecorded: false)
        for wasRecorded in [true, false] {
            _ = try await disk.nextFiles(10).outcome()
            try await disk.adopt(file).outcome()
            if wasRecorded { disk.endAdoption(of: file.fileId, isRecorded: true) }
            #expect(try await disk.clear(files: [file.fileId]).outcome() == 0)
            #expect(FileOnDisk.all(below: area.directory) == ["files/\(file.fileId)"])
            #expect(try await disk.nextFiles(10).outcome() == [])
        }
    }

    @Test func whatNobodyAdoptedIsSetAside() async throws {
        FileOnDisk.write("old", to: area.path(of: .named("file_old")))
        #expect(try await disk.nextFiles(10).outcome() == [.named("file_old")])
        #expect(try await disk.clear(files: [.named("file_old"), .named("file_other")]).outcome() == 1)
        #expect(FileOnDisk.all(below: area.directory) == ["unknown/files/file_old"])
    }

    @Test func nothingGoesWhileABackupIsMade() async throws {
        FileOnDisk.write("old", to: area.path(of: .named("file_old")))
        mkdir(area.artifactsPath(of: .sample), 0o750)
        #expect(await disk.holdRemovals())
        _ = try await disk.nextFiles(10).outcome()
        #expect(try await disk.clear(files: [.named("file_old")]).outcome() == 0)
        #expect(try await disk.nextJobsWithArtifacts(10).outcome() == [.sample])
        #expect(try await disk.setAside(artifactsOf: [.sample]).outcome() == 0)
        disk.removeArtifacts(of: .sample)
        #expect(FileOnDisk.exists(area.artifactsPath(of: .sample)))
        disk.releaseRemovals()
        #expect(try await disk.nextJobsWithArtifacts(10).outcome() == [])
        #expect(!FileOnDisk.exists(area.artifactsPath(of: .sample)))
    }

    @Test func aSweepTakesWhatAKilledFrontLeft() async throws {
        FileOnDisk.write("dead", to: area.arrivingPath(of: .named("file_dead")))
        let alive = try await disk.begin("a").outcome()
        #expect(try await disk.sweep(setAsideBefore: .init(milliseconds: 0)).outcome() == [])
        #expect(FileOnDisk.all(below: area.directory) == ["files/arriving/\(alive)"])
    }

    @Test func anUploadWhoseSenderIsSilentEnds() async throws {
        let impatient = DaemonDisk(
            intake: UploadIntake(area, maximumBytes: 10, minimumFreeBytes: 0), uploadPatience: .zero,
            loop: MultiThreadedEventLoopGroup.singleton.next())
        let silent = try await impatient.begin("a").outcome()
        #expect(try await impatient.sweep(setAsideBefore: .init(milliseconds: 0)).outcome() == [silent])
        #expect(FileOnDisk.all(below: area.directory) == [])
        await #expect(throws: Refusal.self) { try await impatient.append([1], to: silent).outcome() }
    }
}
