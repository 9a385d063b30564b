import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct LogBudgetTests {
    @Test func aShortLogGoesThroughWhole() {
        var budget = LogBudget()
        for number in 0..<LogBudget.headLines { #expect(budget.take(.sample("\(number)")) != nil) }
        #expect(budget.finish(at: ProcessorBench.now, step: "s") == [])
    }

    @Test(arguments: [1, LogBudget.tailLines, LogBudget.tailLines + 1, 3 * LogBudget.tailLines + 7])
    func theEndOfALongLogIsKept(count: Int) {
        var budget = LogBudget()
        let lines = (0..<LogBudget.headLines + count).map { LogLine.sample("\($0)") }
        let through = lines.compactMap { budget.take($0) }
        #expect(Array(through.dropLast()) == Array(lines.prefix(LogBudget.headLines)))
        #expect(through.last?.text == "… the log is long: the last 500 lines follow when the attempt ends …")
        #expect(through.last?.stream == "jobd")
        let end = budget.finish(at: ProcessorBench.now, step: "s")
        let dropped = max(0, count - LogBudget.tailLines)
        #expect(end.suffix(min(count, LogBudget.tailLines)) == lines.suffix(min(count, LogBudget.tailLines)))
        #expect(end.count == min(count, LogBudget.tailLines) + (dropped > 0 ? 1 : 0))
        if dropped > 0 {
            #expect(end.first?.text == "… \(dropped) lines were left out …")
            #expect(end.first?.stream == "jobd")
        }
    }

    @Test func attemptsBehindALongLogKeepOnlyTheirEnd() {
        var budget = LogBudget(earlierLines: Int64(LogBudget.longLog))
        let lines = (0..<50).map { LogLine.sample("\($0)") }
        let through = lines.compactMap { budget.take($0) }
        #expect(through.map(\.text) == ["… the log is long: the last 20 lines follow when the attempt ends …"])
        let end = budget.finish(at: ProcessorBench.now, step: "s")
        #expect(end.first?.text == "… 30 lines were left out …")
        #expect(Array(end.dropFirst()) == lines.suffix(LogBudget.shortTailLines))
    }

    @Test func longLinesAreAsManyAsTheirBytesAllow() {
        var budget = LogBudget()
        let line = LogLine.sample(String(repeating: "x", count: 8192))
        let count = (0..<1000).count { _ in budget.take(line) == line }
        #expect(count == LogBudget.headBytes / 8192)
    }

    @Test(.timeLimit(.minutes(5)), arguments: ["", "exec >&2; "])
    func tenMegabytesOfOutputMakeABoundedLog(redirection: String) async throws {
        let line = String(repeating: "x", count: 79)
        let ended = try await ProcessorBench([
            .script(redirection + "yes \(line) | head -n 131072; echo the end")
        ]).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.lines.count <= LogBudget.headLines + LogBudget.tailLines + 2)
        #expect(ended.lines.first?.text == line)
        #expect(ended.lines.last?.text == "the end")
        #expect(
            ended.texts("jobd") == [
                "… the log is long: the last 500 lines follow when the attempt ends …",
                "… \(131_073 - LogBudget.headLines - LogBudget.tailLines) lines were left out …",
            ])
    }
}
