import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct StepWordTests {
    @Test(arguments: [
        ("::progress 40", StepWord.progress(40, message: nil)), ("::progress 0", .progress(0, message: nil)),
        ("::progress 99.5 Page 4 of 10", .progress(99.5, message: "Page 4 of 10")),
        ("::result pages=10", .result(key: "pages", 10)),
        (#"::result a={"b":[1,"="]}"#, .result(key: "a", ["b": [1, "="]])),
        ("::result a=null", .result(key: "a", .null)),
        ("::artifact a.png image/png", .artifact(.named("a.png"), mediaType: "image/png")),
        ("::warning The font is missing", .warning("The font is missing")),
    ])
    func aWordIsRead(line: String, word: StepWord) {
        #expect(StepWord(line) == word)
    }

    @Test(arguments: [
        "", "::", "progress 40", " ::progress 40", "::progress", "::progress 101", "::progress -1", "::progress nan",
        "::progress half", "::result", "::result pages", "::result =1", "::result pages=", "::result pages=ten",
        "::result a={", "::artifact", "::artifact a", "::artifact ../a image/png", "::artifact a image",
        "::artifact a a/b c",
        "::artifact a image/", "::artifact a a/b/c", "::artifact a a/é", "::warning", "::unknown x", "::Progress 40",
    ])
    func anythingElseIsALine(line: String) {
        #expect(StepWord(line) == .line(line))
    }

    @Test func aResultIsNotNestedDeeperThanItMayBeKept() {
        func line(_ depth: Int) -> String {
            "::result a=" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(StepWord(line(JSONValue.maximumDepth)) == .line(line(JSONValue.maximumDepth)))
        #expect(StepWord(line(JSONValue.maximumDepth - 1)) != .line(line(JSONValue.maximumDepth - 1)))
    }

    @Test func aMessageIsBounded() {
        guard case .progress(_, let message?) = StepWord("::progress 1 " + String(repeating: "é", count: 4000)) else {
            Issue.record("no message")
            return
        }
        #expect(message.utf8.count == Limits.textBytes)
    }

    @Test func wordsOfAStepArriveWhereTheyBelong() async throws {
        let bench = try ProcessorBench([
            .script("echo ::result pages=10; echo ::warning careful; echo hello; echo ::result pages=; echo err >&2"),
            .script("echo '::result pages=11'; echo '::result name=\"x\"'", name: "two"),
        ])
        let ended = await bench.run()
        #expect(ended.result?["pages"] == 11)
        #expect(ended.result?["name"] == "x")
        #expect(ended.texts("jobd") == ["warning: careful"])
        #expect(ended.texts("stdout") == ["hello", "::result pages="])
        #expect(ended.texts("stderr") == ["err"])
        #expect(Set(ended.lines.map(\.step)) == ["try-it"])
    }

    @Test func aResultThatIsTooLargeIsAFailure() async throws {
        let script = """
            for n in $(seq 1 40); do echo "::result k$n=\\"$(head -c 8000 /dev/zero | tr '\\0' x)\\""; done
            """
        let ended = try await ProcessorBench([.script(script)]).run()
        #expect(ended.failure?.code == "output-limit")
        #expect(ended.mayRetry == false)
    }

    /// The work for each must not grow with how many there are.
    @Test func resultsWithoutEndAreAFailure() async throws {
        let ended = try await ProcessorBench([.script("seq -f '::result key%.0f=1' 1 400000")]).run()
        #expect(ended.failure?.code == "output-limit")
    }

    @Test func aResultThatIsSaidAgainAndAgainStaysSmall() async throws {
        let ended = try await ProcessorBench([.script("seq -f '::result count=%.0f' 1 50000")]).run()
        #expect(ended.result?["count"] == 50_000)
    }

    @Test func aStepCannotRewriteTheListOfSteps() async throws {
        let ended = try await ProcessorBench([.script("echo ::result steps=1")]).run()
        #expect(ended.result?["steps"]?.array?.count == 1)
    }
}
