import JobModel
import JobTesting
import Testing

@testable import JobProcessing

/// What a step's settings change in how its end and its words are taken.
@Suite(.timeLimit(.minutes(5)))
struct StepSettingsTests {
    @Test func anOptionalStepThatFailsLeavesAWarningAndNothingElse() async throws {
        var step = try Step.script("echo half > \"$1\"; echo broken >&2; exit 3", ["{output:a.txt}"], name: "may-fail")
        step.isOptional = true
        let ended = await (try ProcessorBench([step, .script("echo next")])).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.outcome?.artifacts == [])
        #expect(
            ended.texts("jobd") == [
                "warning: May fail: sh ended with the exit code 3. The job goes on without it. (broken)"
            ])
        #expect(ended.texts("stdout") == ["next"])
        #expect(ended.result?["steps"]?.array?.map { $0["status"] } == ["failed", "completed"])
    }

    @Test func anOptionalProgramMayBeMissing() async throws {
        var step = try Step.script("exit 0", name: "convert")
        step.needs = ["sh", "no-such-program"]
        let required = await (try ProcessorBench([step])).run()
        #expect(required.failure?.code == "missing-program")
        #expect(required.failure?.message == "Convert: no-such-program is not installed, or cannot be executed.")
        step.isOptional = true
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.texts("jobd").first?.contains("no-such-program is not installed") == true)
    }

    @Test func anOptionalStepCanBeCancelled() async throws {
        var step = try Step.script("echo ready; exec tail -f /dev/null")
        step.isOptional = true
        let bench = try ProcessorBench([step])
        let ended = await bench.run { report in
            if report.lines.contains(where: { $0.text == "ready" }) { bench.processor.cancel(.sample, run: 1) }
        }
        #expect(ended.outcome?.ending == .cancelled(ended.failure))
        #expect(ended.failure?.signal == "SIGTERM")
    }

    @Test(arguments: [(0, true, nil), (3, true, nil), (4, false, true), (65, false, false)] as [(Int, Bool, Bool?)])
    func exitCodesMeanWhatTheStepSays(code: Int, isCompleted: Bool, mayRetry: Bool?) async throws {
        var step = try Step.script("exit \(code)")
        step.allowedExit = [0, 3]
        step.permanentExit = [65]
        let ended = await (try ProcessorBench([step])).run()
        #expect((ended.outcome?.ending == .completed) == isCompleted)
        #expect(ended.mayRetry == mayRetry)
    }

    @Test func printedFactsBecomeResults() async throws {
        var step = try Step.script(
            "echo 'Pages:          10'; echo 'Page size: 595 x 842 pts (A4)'; echo 'Encrypted: no'; echo 'Title:';"
                + " echo 'Other: 1'; echo 'Pages: 99' >&2; echo 'Time: 12:30: x'")
        step.facts = [
            "pages": "Pages", "pageSize": "Page size", "encrypted": "Encrypted", "title": "Title", "t": "Time",
        ]
        let ended = await (try ProcessorBench([step])).run()
        #expect(ended.result?["pages"] == 10)
        #expect(ended.result?["pageSize"] == "595 x 842 pts (A4)")
        #expect(ended.result?["encrypted"] == false)
        #expect(ended.result?["title"] == "")
        #expect(ended.result?["t"] == "12:30: x")
        #expect(ended.result?["Other"] == nil)
        #expect(ended.texts("stdout").count == 6)
    }

    @Test func whatWasFoundBeforeAFailureIsKept() async throws {
        let ended = await (try ProcessorBench([.script("echo ::result pages=3; exit 1")])).run()
        #expect(ended.outcome?.result?.value["pages"] == 3)
        #expect(ended.result?["steps"]?.array?.first?["status"] == "failed")
    }

    @Test func aStepNamesTheMediaTypesOfItsOutputs() async throws {
        let ended = await
            (try ProcessorBench([
                .script("echo x > \"$1\"; echo ::artifact a.x application/x-own", ["{output:a.x}"])
            ])).run()
        #expect(ended.outcome?.artifacts.map(\.mediaType) == ["application/x-own"])
    }
}
