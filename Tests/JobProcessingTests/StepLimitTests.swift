import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct StepLimitTests {
    private let bench = StepBench()
    private let forever = ["tail", "-f", "/dev/null"]

    @Test(arguments: [0, 100])
    func whoeverTakesTooLongIsEnded(milliseconds: Int) async {
        let limits = StepLimits(timeout: .milliseconds(milliseconds), grace: .milliseconds(100))
        #expect(await bench.run(forever, limits: limits).exit == .timeout)
    }

    @Test func whoeverIsSilentForTooLongIsEnded() async {
        let limits = StepLimits(silence: .milliseconds(100), grace: .milliseconds(100))
        #expect(await bench.run(forever, limits: limits).exit == .silence)
    }

    @Test func aLineOfOutputDoesNotEndTheSilenceForEver() async {
        let limits = StepLimits(silence: .milliseconds(300), grace: .milliseconds(100))
        let ended = await bench.run(script: "echo one; exec tail -f /dev/null", limits: limits)
        #expect(ended.exit == .silence)
    }

    @Test func theTimeOfAProcessorIsTime() async {
        let ended = await bench.run(script: "while :; do :; done", limits: StepLimits(cpu: .seconds(1)))
        #expect(ended.exit == .timeout)
    }

    @Test func whoeverNeedsTooMuchMemoryFailsForIt() async {
        let ended = await bench.run(
            ["perl", "-e", "push @list, 'x' x 100_000 while 1"], limits: StepLimits(memoryBytes: 256 << 20))
        #expect(ended.exit == .memory)
    }

    @Test func aFailureWithMemoryLeftIsAnExit() async {
        let ended = await bench.run(script: "exit 1", limits: StepLimits(memoryBytes: 256 << 20))
        #expect(ended.exit == .exited(code: 1))
    }

    @Test func aFileThatGetsTooLargeEndsTheStep() async {
        let ended = await bench.run(
            ["dd", "if=/dev/zero", "of=large", "bs=65536", "count=64"], limits: StepLimits(outputBytes: 1 << 20))
        #expect(ended.exit == .outputLimit)
    }

    @Test(arguments: [
        "file.$number", "folder.$number/file", "$(printf '\\377')$number", "$(printf 'f\\377')$number/file",
    ])
    func filesThatAreTooManyEndTheStep(name: String) async {
        let ended = await bench.run(
            script: """
                number=0
                while [ $number -lt 40 ]; do
                  path="\(name)"
                  mkdir -p "$(dirname "$path")"
                  head -c 100000 /dev/zero > "$path"
                  number=$((number + 1))
                done
                exec tail -f /dev/null
                """, limits: StepLimits(grace: .milliseconds(100), outputBytes: 1 << 20))
        #expect(ended.exit == .outputLimit)
    }

    @Test func filesWithinTheLimitAreNone() async {
        let ended = await bench.run(
            script: "head -c 500000 /dev/zero > a; ln -s / root; exit 4", limits: StepLimits(outputBytes: 1 << 20))
        #expect(ended.exit == .exited(code: 4))
    }
}
