import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobFiles

@Suite(.timeLimit(.minutes(5)))
struct TypeFinderTests {
    private let directory = TemporaryDirectory()

    private func type(by executable: String) throws -> String {
        let path = directory.appending("a")
        FileOnDisk.write("%PDF-1.7\n", to: path)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        return try TypeFinder(executable: executable).type(of: descriptor)
    }

    @Test func withoutTheExecutableNothingIsSaidOfAFile() {
        let error = #expect(throws: SystemError.self) { try type(by: "/nonexistent/jobd") }
        #expect(error?.call == "execve")
    }

    /// A lock belongs to what was opened, and whoever looks at it may hold that for a moment longer.
    @Test func aLockEndsWithTheDescriptorThatWasGiven() throws {
        let (path, types) = (directory.appending("a"), TypeFinder.built)
        FileOnDisk.write("words\n", to: path)
        for _ in 1...20 {
            let descriptor = open(path, O_RDWR | O_CLOEXEC)
            defer { close(descriptor) }
            // Waits: what other tests of this process fork has a copy until it is executed.
            #expect(flock(descriptor, LOCK_EX) == 0)
            #expect(try types.type(of: descriptor) == "text/plain")
        }
    }

    @Test func manyFilesAtOnceHaveTheirOwnAnswers() async throws {
        let types = TypeFinder.built
        try await withThrowingTaskGroup { group in
            for number in 0..<40 {
                let path = directory.appending("\(number)")
                FileOnDisk.write(number % 2 == 0 ? "%PDF-1.7\n" : "words\n", to: path)
                group.addTask {
                    let found = try await onOwnThread {
                        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                        defer { close(descriptor) }
                        return try types.type(of: descriptor)
                    }
                    #expect(found == (number % 2 == 0 ? "application/pdf" : "text/plain"))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: ["image/png", "application/vnd.oasis.opendocument.text"])
    func anAnswerIsAMediaType(line: String) {
        #expect(TypeAnswer(line: line)?.result == .success(line))
        #expect(TypeAnswer(.success(line)).line == line)
    }

    @Test func anAnswerIsTheCallThatFailed() {
        let error = SystemError("seccomp", errno: EINVAL)
        #expect(TypeAnswer(line: TypeAnswer(.failure(error)).line)?.result == .failure(error))
    }

    @Test(arguments: ["", "text", "text/", "text/plain\n", "a/b c", "seccomp", "seccomp x", "seccomp 22 1", "x/y/z"])
    func whatAFileMayHaveWrittenIsNotBelieved(line: String) {
        #expect(TypeAnswer(line: line) == nil)
    }
}
