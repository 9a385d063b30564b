import JSON
import Testing

@testable import JobControl

@Suite(.timeLimit(.minutes(5)))
struct CompletionTests {
    @Test(arguments: [
        (["cancel", "--socket", "/a.sock", "jo"], "/a.sock"), (["--socket=/b.sock", "cancel", ""], "/b.sock"),
    ])
    func theSocketIsThatOfTheCommandLine(words: [String], socket: String) {
        #expect(Completion.socket(in: words) == socket)
    }

    @Test func aSocketThatIsOnlyBegunIsNoName() {
        #expect(Completion.socket(in: ["cancel", "--socket"]) == CommonOptions.socketPath(nil))
    }

    /// A search finds jobs by the names of their files, too.
    @Test func onlyWhatBeginsSoIsOffered() {
        let list: JSONValue = [["jobId": "import-1"], ["jobId": "contract-7"], ["jobId": "important"]]
        #expect(Completion.names(in: list, under: "jobId", beginning: "imp") == ["import-1", "important"])
        #expect(Completion.names(in: nil, under: "jobId", beginning: "") == [])
    }
}
