import FoundationEssentials
import Glibc
import JobFiles
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FileCopyTests {
    private let directory = TemporaryDirectory()
    /// Not the file system of the directory, where there is one in memory.
    private static let elsewhere = "/dev/shm"

    @Test func onOneFileSystemAFileGetsAFurtherName() throws {
        let (source, target) = (directory.appending("a"), directory.appending("b"))
        try Data("content".utf8).write(to: URL(filePath: source))
        #expect(try FileCopy.share(source, at: target))
        #expect(inode(source) == inode(target))
    }

    @Test(.enabled(if: access(elsewhere, W_OK) == 0))
    func onAnotherItIsCopied() throws {
        let source = directory.appending("a")
        let target = "\(Self.elsewhere)/jobd-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        defer { unlink(target) }
        let content = Data((0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try content.write(to: URL(filePath: source))
        #expect(try FileCopy.share(source, at: target))
        #expect(try Data(contentsOf: URL(filePath: target)) == content)
    }

    @Test func aMissingFileIsSaidToBe() throws {
        #expect(try !FileCopy.share(directory.appending("a"), at: directory.appending("b")))
        #expect(access(directory.appending("b"), F_OK) != 0)
    }

    @Test func nothingIsOverwritten() throws {
        let (source, target) = (directory.appending("a"), directory.appending("b"))
        for path in [source, target] { try Data(path.utf8).write(to: URL(filePath: path)) }
        #expect(throws: SystemError.self) { try FileCopy.share(source, at: target) }
        #expect(try Data(contentsOf: URL(filePath: target)) == Data(target.utf8))
    }

    private func inode(_ path: String) -> ino_t {
        var status = stat()
        lstat(path, &status)
        return status.st_ino
    }
}
