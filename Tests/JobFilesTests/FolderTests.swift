import Glibc
import JobFiles
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FolderTests {
    private let directory = TemporaryDirectory()
    private let folder: String

    init() {
        folder = directory.appending("folder")
        mkdir(folder, 0o700)
    }

    @Test func namesAreThoseOfWhatIsInIt() {
        FileOnDisk.write("", to: "\(folder)/a")
        FileOnDisk.write("", to: "\(folder)/.b")
        mkdir("\(folder)/c", 0o700)
        #expect(Set(Folder.names(in: folder)) == ["a", ".b", "c"])
        #expect(Folder.names(in: "\(folder)/missing") == [])
        #expect(Folder.names(in: "\(folder)/a") == [])
    }

    @Test func everythingInItGoes() {
        mkdir("\(folder)/a", 0o700)
        mkdir("\(folder)/a/b", 0o700)
        FileOnDisk.write("x", to: "\(folder)/a/b/c")
        mkfifo("\(folder)/fifo", 0o600)
        Folder.remove(folder)
        #expect(!FileOnDisk.exists(folder))
        Folder.remove(folder)
    }

    @Test func whatLinksPointToStays() {
        let outside = directory.appending("outside")
        mkdir(outside, 0o700)
        FileOnDisk.write("x", to: "\(outside)/a")
        symlink(outside, "\(folder)/link")
        symlink("../outside/a", "\(folder)/file")
        symlink("nowhere", "\(folder)/dangling")
        Folder.remove(folder)
        #expect(!FileOnDisk.exists(folder))
        #expect(FileOnDisk("\(outside)/a")?.text == "x")
    }

    @Test func whatItsOwnerMadeUnreadableGoes() {
        mkdir("\(folder)/a", 0o700)
        FileOnDisk.write("x", to: "\(folder)/a/b", mode: 0)
        chmod("\(folder)/a", 0)
        chmod(folder, 0)
        Folder.remove(folder)
        #expect(!FileOnDisk.exists(folder))
    }

    @Test func namesThatAreNoTextGo() {
        let name: [CChar] = [0x2F, -1, -2, 0x61]
        for number in [0x31, 0x32] as [CChar] {
            let path = Array(folder.utf8CString.dropLast()) + name + [number]
            mkdir(path + [0], 0o700)
            close(open(path + name + [0], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        }
        Folder.remove(folder)
        #expect(!FileOnDisk.exists(folder))
    }

    /// Deeper than any path may be long, and than a process may have descriptors.
    @Test func directoriesDeeperThanAnyPathGo() {
        var parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        for _ in 0..<3000 {
            mkdirat(parent, "deeper", 0o700)
            let child = openat(parent, "deeper", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            close(parent)
            parent = child
        }
        close(openat(parent, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        close(parent)
        Folder.remove(folder)
        #expect(!FileOnDisk.exists(folder))
    }

    @Test func whatIsMissingCannotBeSynced() throws {
        try Folder.sync(folder)
        #expect(throws: FilesError.self) { try Folder.sync("\(folder)/missing") }
    }
}
