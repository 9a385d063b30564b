import JSON
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
        ("::error It has no pages.", .error("It has no pages.")), ("::retry-after 30", .retryAfter(.seconds(30))),
        ("::retry-after 0", .retryAfter(.zero)),
    ])
    func aWordIsRead(line: String, word: StepWord) {
        #expect(StepWord(line) == word)
    }

    @Test(arguments: [
        "::progress", "::progress 101", "::progress -1", "::progress nan", "::progress half", "::progress 50%",
        "::result", "::result pages", "::result =1", "::result pages=", "::result pages=ten", "::result a={",
        "::artifact", "::artifact a", "::artifact ../a image/png", "::artifact a image", "::artifact a a/b c",
        "::artifact a image/", "::artifact a a/b/c", "::artifact a a/é", "::warning", "::unknown x", "::error",
        "::error  ", "::retry-after", "::retry-after soon", "::retry-after -1", "::retry-after 9999999999",
        "::retry-after 1.5",
    ])
    func aWordThatCannotBeReadIsToldWithHowItIsWritten(line: String) {
        guard case .misread(line, let usage) = StepWord(line) else {
            Issue.record("\(line) was read")
            return
        }
        #expect(usage.hasPrefix("::") || line == "::unknown x")
    }

    @Test(arguments: ["", "::", "progress 40", " ::progress 40", "::Progress 40", "::1", "::group::x", ":: x"])
    func anythingElseIsALine(line: String) {
        #expect(StepWord(line) == .line(line))
    }

    @Test func aResultIsNotNestedDeeperThanItMayBeKept() {
        func line(_ depth: Int) -> String {
            "::result a=" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        func isRead(_ line: String) -> Bool { if case .result = StepWord(line) { true } else { false } }
        #expect(!isRead(line(JSONValue.maximumDepth)))
        #expect(isRead(line(JSONValue.maximumDepth - 1)))
    }

    @Test func aMessageIsBounded() {
        guard case .progress(_, let message?) = StepWord("::progress 1 " + String(repeating: "é", count: 4000)) else {
            Issue.record("no message")
            return
        }
        #expect(message.utf8.count == Limits.textBytes)
    }

    /// The text of one character may be as long as a line: nothing may look at it again for each scalar that goes.
    @Test func aSingleCharacterIsCutAsWell() {
        let character = "e" + String(repeating: "\u{301}", count: 4000)
        guard case .warning = StepWord("::warning " + character),
            case .error(let text) = StepWord("::error \(character)")
        else {
            Issue.record("no words")
            return
        }
        #expect(text.utf8.count == Limits.textBytes - 1)
    }

    @Test func wordsOfAStepArriveWhereTheyBelong() async throws {
        let bench = try ProcessorBench([
            .script(
                "exec 3>$JOBD_REPORTS; echo ::result pages=10 >&3; echo ::warning careful >&3; echo hello;"
                    + " echo ::result pages= >&3; echo err >&2"),
            .script("exec >$JOBD_REPORTS; echo '::result pages=11'; echo '::result name=\"x\"'", name: "two"),
        ])
        let ended = await bench.run()
        #expect(ended.result?["pages"] == 11)
        #expect(ended.result?["name"] == "x")
        #expect(
            ended.texts("jobd") == [
                "warning: careful",
                "warning: not understood: ::result pages= (write ::result KEY=VALUE, with a value in JSON)",
            ])
        #expect(ended.texts("stdout") == ["hello"])
        #expect(ended.texts("stderr") == ["err"])
        #expect(Set(ended.lines.map(\.step)) == ["try-it"])
    }

    /// What a program prints may be what a stranger wrote.
    @Test(arguments: [("", "stdout"), ("exec >&2; ", "stderr")])
    func printedLinesAreNoWords(redirection: String, stream: String) async throws {
        let lines = ["::progress 99 done", "::result approved=true", "::artifact a.txt text/html", "::error No."]
        let script = redirection + lines.map { "echo '\($0)'; " }.joined() + "echo x >\"$1\"; exit $2"
        let bench = try ProcessorBench([.script(script, ["{output:a.txt}", "0"])])
        let ended = await bench.run()
        #expect(ended.result?["approved"] == nil)
        #expect(ended.outcome?.artifacts.map(\.mediaType) == ["text/plain"])
        #expect(!ended.reports.compactMap(\.message).contains("done"))
        #expect(ended.texts(stream) == lines)
        let failed = try await ProcessorBench([.script(script, ["/dev/null", "1"])]).run()
        #expect(failed.failure?.message.contains("No.") == false)
    }

    @Test func aStepOfOnesOwnMayPrintItsWords() async throws {
        let ended = try await ProcessorBench([
            .script("echo ::result pages=10; echo hello; echo ::result n=1 >&2", printsWords: true)
        ]).run()
        #expect(ended.result?["pages"] == 10)
        #expect(ended.result?["n"] == 1)
        #expect(ended.texts("stdout") == ["hello"])
    }

    @Test func theLastErrorIsWhatPeopleRead() async throws {
        let script = "exec 3>$JOBD_REPORTS; echo '::error First.' >&3; echo '::error It has no pages.' >&3; exit 3"
        let ended = try await ProcessorBench([.script(script)]).run()
        #expect(ended.failure?.code == "exit")
        #expect(ended.failure?.message == "It has no pages.")
        #expect(ended.texts("jobd") == ["error: First.", "error: It has no pages."])
        let completed = try await ProcessorBench([.script("echo ::error Odd. >$JOBD_REPORTS")]).run()
        #expect(completed.outcome?.ending == .completed)
    }

    @Test func aStepSaysWhenTheNextAttemptMayBegin() async throws {
        let ended = try await ProcessorBench([.script("echo ::retry-after 30 >$JOBD_REPORTS; exit 3")]).run()
        #expect(ended.mayRetry == true)
        #expect(ended.outcome?.retryAfter == .seconds(30))
        let silent = try await ProcessorBench([.script("exit 3")]).run()
        #expect(silent.outcome?.retryAfter == nil)
    }

    @Test func mediaTypesWithoutEndAreForgotten() async throws {
        let script =
            "seq -f '::artifact a%.0f text/x-own' 1 2000 >$JOBD_REPORTS; echo x >\"$1/a1500\"; echo x >\"$1/a1\""
        let bench = try ProcessorBench([.script(script, ["../output"])])
        let artifacts = await bench.run().outcome?.artifacts ?? []
        #expect(Set(artifacts.map { "\($0.name) \($0.mediaType)" }) == ["a1 text/x-own", "a1500 text/plain"])
    }

    @Test func aResultThatIsTooLargeIsAFailure() async throws {
        let script = """
            for n in $(seq 1 40); do echo "::result k$n=\\"$(head -c 8000 /dev/zero | tr '\\0' x)\\"" >$JOBD_REPORTS; done
            """
        let ended = try await ProcessorBench([.script(script)]).run()
        #expect(ended.failure?.code == "output-limit")
        #expect(ended.mayRetry == false)
    }

    /// The work for each must not grow with how many there are.
    @Test func resultsWithoutEndAreAFailure() async throws {
        let ended = try await ProcessorBench([.script("seq -f '::result key%.0f=1' 1 400000 >$JOBD_REPORTS")]).run()
        #expect(ended.failure?.code == "output-limit")
    }

    @Test func aResultThatIsSaidAgainAndAgainStaysSmall() async throws {
        let ended = try await ProcessorBench([.script("seq -f '::result count=%.0f' 1 50000 >$JOBD_REPORTS")]).run()
        #expect(ended.result?["count"] == 50_000)
    }

    @Test func aStepCannotRewriteTheListOfSteps() async throws {
        let ended = try await ProcessorBench([.script("echo ::result steps=1 >$JOBD_REPORTS")]).run()
        #expect(ended.result?["steps"]?.array?.count == 1)
    }
}
