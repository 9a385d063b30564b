import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

/// What a step finds when it begins.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StepSurroundingsTests {
    private let bench = StepBench()

    @Test func onlyTheDesignsDescriptorsAreOpen() async {
        // Neither of these is closed on exec.
        let leaks = (0..<3).map { _ in open("/etc/passwd", O_RDONLY) }
        defer { for leak in leaks { close(leak) } }
        let ended = await bench.run(
            script: """
                number=0
                while [ $number -lt 300 ]; do
                  [ -e /proc/$$/fd/$number ] && echo $number=$(readlink /proc/$$/fd/$number)
                  number=$((number + 1))
                done
                """)
        let opened = ended.texts().map { $0.replacing(#/:\[\d+\]/#, with: "") }
        #expect(opened == ["0=/dev/null", "1=pipe", "2=pipe", "3=\(bench.directory)/lock"])
    }

    @Test func itHasItsEnvironmentAndNoOther() async {
        let ended = await bench.run(["env"])
        #expect(Set(ended.texts()) == ["PATH=\(ProgramPath.standard)", "LANG=C.UTF-8", "MARK=1=2="])
    }

    @Test func itIsTheFirstToGoForWantOfMemory() async {
        #expect(await bench.run(["cat", "/proc/self/oom_score_adj"]).texts() == ["500"])
    }

    @Test func itBeginsInItsDirectoryAndReadsNothing() async {
        let ended = await bench.run(script: "pwd; cat; read x || echo nothing")
        #expect(ended.texts() == [bench.work, "nothing"])
    }

    @Test func signalsAreAsTheKernelMadeThem() async {
        let ended = await bench.run(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"])
        #expect(ended.texts().count == 2)
        // Signal 32 and those above it are the C library's own.
        #expect(ended.texts().map { Int($0.suffix(16), radix: 16).map { $0 & 0x7FFF_FFFF } } == [0, 0])
    }

    @Test func itCannotGainPrivilegesNorLeaveACore() async {
        let ended = await bench.run(script: "grep NoNewPrivs /proc/self/status; ulimit -c")
        #expect(ended.texts() == ["NoNewPrivs:\t1", "0"])
    }

    @Test func itLeadsAGroupOfItsOwn() async {
        let ended = await bench.run(script: "echo $$; cut -d ' ' -f 5 /proc/$$/stat")
        let texts = ended.texts()
        #expect(texts.count == 2)
        #expect(texts.first == texts.last)
    }

    @Test func noArgumentIsReadByAShell() async {
        let words = ["$(id)", "a b", "*", "'", "\"", "\\", ";exit 3", "--", "ü", ""]
        let ended = await bench.run(["printf", "%s\\n"] + words)
        #expect(ended.texts() == words)
        #expect(ended.exit == .exited(code: 0))
    }
}
