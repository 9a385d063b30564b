import Glibc
import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.timeLimit(.minutes(5)))
struct ProgressTests {
    /// Says how far it is, and goes on when the pipe says so.
    private static let script = """
        exec 4<>"$1"
        for percent in 0 50 100; do
          echo "::progress $percent at $percent" >"$JOBD_REPORTS"
          read x <&4
        done
        """

    @Test func theBarFollowsTheWeightsAndNeverFalls() async throws {
        var steps: [Step] = []
        for (name, weight) in [("one", 1.0), ("two", 3.0), ("three", 4.0)] {
            steps.append(try .script(Self.script, ["../../../go"], name: name, weight: weight))
        }
        let bench = try ProcessorBench(steps)
        let go = "\(bench.area.directory)/go"
        mkfifo(go, 0o600)
        var expected = [0, 6.3, 12.5, 12.5, 31.3, 50, 50, 75, 100]
        var seen: [Double] = []
        var messages: [String] = []
        let ended = await bench.run { report in
            if let progress = report.progress { seen.append(progress) }
            if let message = report.message { messages.append(message) }
            // The step waits until what it said last has come.
            guard report.message?.hasPrefix("at ") == true, report.progress == expected.first else { return }
            expected.removeFirst()
            NamedPipe.release(go)
        }
        #expect(ended.outcome?.ending == .completed)
        #expect(expected == [])
        #expect(seen == seen.sorted())
        #expect(Set(ended.reports.compactMap(\.step)) == ["one", "two", "three"])
        #expect(messages.contains("at 50"))
    }

    @Test func aStepWithWhichTheJobBeganIsNotReportedAgain() async throws {
        let steps = try ["one", "two"].map { try Step.script("true", name: $0) }
        let bench = try ProcessorBench(steps)
        let ended = await bench.run(opening: steps[0].opening)
        #expect(ended.outcome?.ending == .completed)
        #expect(!ended.reports.contains { $0.step == "one" })
    }

    @Test func aStepThatDependsOnTheFilesOpensNoRun() throws {
        #expect(try Step.script("true").opening == Report(progress: 0, step: "try-it", message: "Try it"))
        #expect(try Step.script("true", perFile: true).opening == nil)
        #expect(try Step.script("true", when: StepCondition(mediaTypes: ["image/*"])).opening == nil)
    }

    @Test(arguments: [
        (0.0, 100.0, 0.0, 0.0), (0, 100, 33.33, 33.3), (0, 100, 100, 100), (50, 25, 50, 62.5), (90, 10, 100, 100),
        (33.333, 33.333, 100, 66.7),
    ])
    func aStepHasItsShareOfTheBar(start: Double, width: Double, percent: Double, progress: Double) {
        #expect(StepShare(start: start, width: width).progress(at: percent) == progress)
    }

    @Test func aStepIsShownByItsTitle() throws {
        for (name, title) in [("extract-text", "Extract text"), ("ocr_page_one", "Ocr page one"), ("x", "X")] {
            #expect(try Step.script("", name: name).title == title)
        }
    }
}
