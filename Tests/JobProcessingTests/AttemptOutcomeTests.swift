import JobFiles
import JobModel
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct AttemptOutcomeTests {
    private static let forever = "echo ready; exec tail -f /dev/null"

    @Test func anAttemptWhoseStepsSucceedCompletes() async throws {
        let bench = try ProcessorBench([.script("exit 0", name: "one"), .script("exit 0", name: "two")])
        let ended = await bench.run()
        #expect(ended.outcome?.ending == .completed)
        #expect(ended.result?["steps"]?.array?.map { $0["name"] } == ["one", "two"])
        #expect(ended.result?["steps"]?.array?.first?["startedAt"] == .string(ProcessorBench.now.description))
        #expect(bench.area.runPaths() == [])
    }

    @Test func theFirstStepThatFailsEndsTheAttempt() async throws {
        let bench = try ProcessorBench([
            .script("for n in $(seq 1 30); do echo line $n >&2; done; exit 77", name: "check-it"),
            .script("echo never", name: "never"),
        ])
        let ended = await bench.run()
        #expect(ended.failure?.code == "exit")
        #expect(ended.failure?.exitCode == 77)
        #expect(ended.failure?.step == "check-it")
        #expect(ended.failure?.message == "Check it: sh ended with the exit code 77.")
        #expect(ended.failure?.cause == (21...30).map { "line \($0)" }.joined(separator: "\n"))
        #expect(ended.mayRetry == true)
        #expect(!ended.texts("stdout").contains("never"))
        #expect(bench.area.runPaths() == [])
    }

    @Test func theCauseOfAFailureIsBounded() async throws {
        let bench = try ProcessorBench([
            .script(
                "for n in 1 2 3 4 5 6 7 8 9 10; do head -c 8000 /dev/zero | tr '\\0' '\\377'; echo; done >&2; exit 1")
        ])
        let cause = try #require(await bench.run().failure?.cause)
        #expect((1...16 * 1024).contains(cause.utf8.count))
    }

    @Test(arguments: [
        ("kill -SEGV $$", StepLimits(), "signal", "Try it: sh was ended by SIGSEGV."),
        (forever, StepLimits(timeout: .milliseconds(100)), "timeout", "Try it: sh took longer than it may."),
        (
            forever, StepLimits(silence: .milliseconds(100)), "silence",
            "Try it: sh was silent for longer than it may be."
        ),
        ("yes", StepLimits(printedBytes: 10_000), "output-limit", "Try it: sh wrote more than it may."),
        (
            "exec perl -e 'push @list, q(x) x 100_000 while 1'", StepLimits(memoryBytes: 256 << 20), "memory",
            "Try it: sh needed more memory than it may have."
        ),
        ("kill -KILL $PPID; exec tail -f /dev/null", StepLimits(), "lost", "Try it: sh ended without saying how."),
    ])
    func aFailureSaysWhatHappened(script: String, limits: StepLimits, code: String, message: String) async throws {
        let ended = try await ProcessorBench([.script(script, limits: limits)]).run()
        #expect(ended.failure?.code == code)
        #expect(ended.failure?.message == message)
        #expect(ended.failure?.signal == (code == "signal" ? "SIGSEGV" : nil))
        #expect(ended.mayRetry == true)
    }

    @Test(arguments: ["no-such-program", "/nonexistent/program", "/tmp"])
    func aMissingProgramIsNotTriedAgain(program: String) async throws {
        let step = Step(name: "run", action: .command(try CommandTemplate([program])))
        let ended = try await ProcessorBench([step]).run()
        #expect(ended.failure?.code == "missing-program")
        #expect(ended.failure?.message == "Run: \(program) is not installed, or cannot be executed.")
        #expect(ended.mayRetry == false)
    }

    @Test func theTimeOfAPipelineIsThatOfAllItsSteps() async throws {
        let steps: [Step] = [try .script("exit 0"), try .script(Self.forever, name: "long")]
        let ended = try await ProcessorBench(steps, timeout: .seconds(1)).run()
        #expect(ended.failure?.code == "timeout")
    }

    @Test func aCancelledAttemptSaysSo() async throws {
        let bench = try ProcessorBench([.script(Self.forever), .script("echo never")])
        let ended = await bench.run { report in
            // Another attempt is another matter.
            bench.processor.cancel(.sample, run: 2)
            if report.lines.contains(where: { $0.text == "ready" }) { bench.processor.cancel(.sample, run: 1) }
        }
        #expect(ended.failure?.signal == "SIGTERM")
        #expect(ended.failure?.message == "Try it: sh was stopped on request.")
        #expect(ended.texts("jobd") == ["stopped on request"])
        #expect(bench.area.runPaths() == [])
    }

    @Test func aStoppingProcessorReleasesWhatRuns() async throws {
        let bench = try ProcessorBench([.script(Self.forever)])
        async let stopped: Void = bench.processor.stop()
        await stopped
        #expect(await bench.run().outcome == nil)
        #expect(bench.area.runPaths() == [])
    }

    @Test func aJobWithoutStepsCompletesAtOnce() async throws {
        #expect(try await ProcessorBench([]).run().result == ["steps": []])
    }

    @Test func aTypeWithoutAPipelineIsRejected() async throws {
        let bench = try ProcessorBench([])
        bench.processor.setPipelines([:])
        let ended = await bench.run()
        #expect(ended.failure?.code == "rejected")
        #expect(ended.mayRetry == false)
    }
}
