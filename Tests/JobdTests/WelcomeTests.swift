import Testing

@testable import jobd

@Suite(.timeLimit(.minutes(5)))
struct WelcomeTests {
    @Test(arguments: [
        ("/tmp/a-1/run/jobd.sock", "/tmp/a-1/run/jobd.sock"), ("/tmp/a b", "'/tmp/a b'"), ("it's", "'it'\\''s'"),
    ])
    func aPathIsAWordOfAShell(path: String, word: String) {
        #expect(Welcome.shellWord(path) == word)
    }

    @Test func aFolderWithoutPagesIsSaidToHaveNone() throws {
        #expect(throws: Dev.Failure.self) { try Documentation.folder("/proc", otherwise: "/") }
    }
}
