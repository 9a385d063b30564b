import Glibc
import JobSystem
import JobTesting
import Testing

@Suite(.timeLimit(.minutes(5)))
struct DirectoryTests {
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
        #expect(Set(Directory.names(at: folder)) == ["a", ".b", "c"])
        #expect(Directory.names(at: "\(folder)/missing") == [])
        #expect(Directory.names(at: "\(folder)/a") == [])
    }

    @Test func everythingInItGoes() {
        mkdir("\(folder)/a", 0o700)
        mkdir("\(folder)/a/b", 0o700)
        FileOnDisk.write("x", to: "\(folder)/a/b/c")
        mkfifo("\(folder)/fifo", 0o600)
        Directory.remove(at: folder)
        #expect(!FileOnDisk.exists(folder))
        Directory.remove(at: folder)
    }

    @Test func whatLinksPointToStays() {
        let outside = directory.appending("outside")
        mkdir(outside, 0o700)
        FileOnDisk.write("x", to: "\(outside)/a")
        symlink(outside, "\(folder)/link")
        symlink("../outside/a", "\(folder)/file")
        symlink("nowhere", "\(folder)/dangling")
        Directory.remove(at: folder)
        #expect(!FileOnDisk.exists(folder))
        #expect(FileOnDisk("\(outside)/a")?.text == "x")
    }

    @Test func whatItsOwnerMadeUnreadableGoes() {
        mkdir("\(folder)/a", 0o700)
        FileOnDisk.write("x", to: "\(folder)/a/b", mode: 0)
        chmod("\(folder)/a", 0)
        chmod(folder, 0)
        Directory.remove(at: folder)
        #expect(!FileOnDisk.exists(folder))
    }

    @Test func namesThatAreNoTextGo() {
        let name: [CChar] = [0x2F, -1, -2, 0x61]
        for number in [0x31, 0x32] as [CChar] {
            let path = Array(folder.utf8CString.dropLast()) + name + [number]
            mkdir(path + [0], 0o700)
            close(open(path + name + [0], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600))
        }
        Directory.remove(at: folder)
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
        Directory.remove(at: folder)
        #expect(!FileOnDisk.exists(folder))
    }

    @Test func whatIsMissingCannotBeSynced() throws {
        try Directory.sync(folder)
        #expect(throws: SystemError.self) { try Directory.sync("\(folder)/missing") }
    }

    @Test func nothingIsReachedThroughALinkOrOutside() throws {
        let outside = directory.appending("outside")
        mkdir(outside, 0o700)
        FileOnDisk.write("x", to: "\(outside)/a")
        symlink(outside, "\(folder)/link")
        symlink("\(outside)/a", "\(folder)/file")
        let own = try Directory(at: folder)
        for (name, errno) in [
            ("link", ELOOP), ("file", ELOOP), ("link/a", ELOOP), ("..", EXDEV), ("../outside", EXDEV),
        ] {
            let error = #expect(throws: SystemError.self) { try own.open(Directory.Name(name), O_RDONLY) }
            #expect(error?.errno == errno, "\(name)")
        }
        #expect(throws: SystemError.self) { try own.directory("link") }
        own.remove("link")
        #expect(FileOnDisk.exists("\(outside)/a"))
    }

    @Test func whatIsOpenStaysItselfWhenItsPathBecomesAnother() throws {
        mkdir("\(folder)/inner", 0o700)
        let inner = try Directory(at: "\(folder)/inner")
        rename("\(folder)/inner", "\(folder)/moved")
        symlink("/", "\(folder)/inner")
        close(try inner.open("a", O_WRONLY | O_CREAT | O_EXCL, mode: 0o600))
        #expect(inner.names.map(\.description) == ["a"])
        #expect(FileOnDisk.exists("\(folder)/moved/a"))
    }

    @Test func aWalkSeesEverythingBelowHoweverDeep() throws {
        let depth = 3000
        var current = try Directory(at: folder)
        for _ in 0..<depth { current = try current.makeDirectory("d") }
        symlink("/", "\(folder)/link")
        var count = 0
        try Directory(at: folder).walk { _ in
            count += 1
            return true
        }
        #expect(count == depth + 1)
        Directory.remove(at: folder)
        #expect(!FileOnDisk.exists(folder))
    }
}
