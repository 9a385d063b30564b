import JobModel
import Testing

@testable import JobProcessing

struct StepWordsTests {
    @Test(arguments: [
        ("::progress 40 Extracting page 4 of 10", StepWord.progress(40, message: "Extracting page 4 of 10")),
        ("::progress 0", .progress(0, message: nil)), ("::progress 100", .progress(100, message: nil)),
        ("::progress 12.5 x", .progress(12.5, message: "x")),
        ("::result pages=10", .result(key: "pages", 10)),
        ("::result title=\"a=b\"", .result(key: "title", "a=b")),
        ("::result x={\"a\":[1]}", .result(key: "x", ["a": [1]])),
        ("::warning The font is missing", .warning("The font is missing")),
    ])
    func aWordIsUnderstood(line: String, word: StepWord) {
        #expect(StepWord(line) == word)
    }

    @Test(arguments: [
        "progress 40", ":: progress 40", "::progress", "::progress x", "::progress -1", "::progress 101",
        "::progress nan", "::progress inf", "::result pages", "::result =1", "::result pages=ten", "::unknown a", "",
        " ::progress 40",
    ])
    func anythingElseIsALine(line: String) {
        #expect(StepWord(line) == .line(line))
    }

    @Test func aLongMessageIsCutBetweenCharacters() {
        let long = String(repeating: "ä", count: 2000)
        guard case .progress(_, let message?) = StepWord("::progress 1 \(long)") else {
            Issue.record("it is no progress")
            return
        }
        #expect(message.utf8.count <= Limits.textBytes && message.allSatisfy { $0 == "ä" })
    }
}

struct LogBudgetTests {
    @Test func theBeginningAndTheEndOfALongLogAreKept() {
        var budget = LogBudget()
        let now = Timestamp(milliseconds: 0)
        func line(_ number: Int) -> LogLine { LogLine(at: now, step: "s", stream: "stdout", text: "\(number)") }
        let through = (1...100_000).compactMap { budget.take(line($0)) }
        let end = budget.finish(at: now, step: "s")
        #expect(through.map(\.text) == (1...LogBudget.headLines).map { "\($0)" })
        let left = 100_000 - LogBudget.headLines - LogBudget.tailLines
        #expect(end.first?.text == "… \(left) lines were left out …")
        #expect(end.dropFirst().map(\.text) == (100_000 - LogBudget.tailLines + 1...100_000).map { "\($0)" })
    }

    @Test func aShortLogIsWhole() {
        var budget = LogBudget()
        let now = Timestamp(milliseconds: 0)
        let line = LogLine(at: now, step: "s", stream: "stdout", text: "a")
        #expect(budget.take(line) == line)
        #expect(budget.finish(at: now, step: "s") == [])
    }
}
