import Glibc
import JobFiles
import JobModel
import JobStorage
import JobStorageSQLite
import JobTesting
import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct StorageOpeningTests {
    private let directory = TemporaryDirectory()
    private var path: String { directory.appending("data") }

    @Test func anEmptyDirectoryIsABeginning() async throws {
        for _ in 0..<2 {
            let opened = try await StorageOpening(directory: path).open()
            #expect(opened.broughtBack == 0)
            await opened.store.close()
        }
    }

    @Test(arguments: ["files/file_1", "artifacts/job"])
    func filesWithoutAStoreAreNoBeginning(name: String) async throws {
        _ = try FilesArea(directory: path, types: .built)
        FileOnDisk.write("abc", to: "\(path)/\(name)")
        await #expect(throws: StorageOpening.WithoutStore.self) { try await StorageOpening(directory: path).open() }
        #expect(!FileOnDisk.exists("\(path)/jobd.sqlite"))
        // What a start that was killed at once leaves of a store.
        FileOnDisk.write("", to: "\(path)/jobd.sqlite")
        await #expect(throws: StorageOpening.WithoutStore.self) { try await StorageOpening(directory: path).open() }
        #expect(FileOnDisk("\(path)/\(name)")?.text == "abc")
    }

    @Test func uploadsThatDidNotArriveAreNoFiles() async throws {
        let area = try FilesArea(directory: path, types: .built)
        FileOnDisk.write("abc", to: area.arrivingPath(of: .named("file_1")))
        await (try await StorageOpening(directory: path).open()).store.close()
    }

    @Test func whatWasSetAsideAndIsKnownComesBack() async throws {
        let file = JobFile.sample("known")
        let first = try await StorageOpening(directory: path).open()
        let record = FileRecord(file: file, createdAt: .init(milliseconds: 0), uses: 0, revision: 1)
        try await first.store.commit([.file(FileEvent(fileId: file.fileId, before: nil, after: record))])
        await first.store.close()
        for id in [file.fileId, .named("file_lost")] {
            FileOnDisk.write("abc", to: first.area.path(of: id))
            #expect(try first.area.setAside(id))
        }
        let second = try await StorageOpening(directory: path).open()
        #expect(second.broughtBack == 1)
        #expect(FileOnDisk(second.area.path(of: file.fileId))?.text == "abc")
        #expect(second.area.filesSetAside() == [.named("file_lost")])
        await second.store.close()
    }
}
