import Glibc
import JobTesting
import Testing

@testable import JobProcessing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct StepExitTests {
    private let bench = StepBench()

    @Test(arguments: [0, 1, 2, 77, 127, 255] as [CInt])
    func anExitCodeIsTold(code: CInt) async {
        #expect(await bench.run(script: "exit \(code)").exit == .exited(code: code))
    }

    @Test(arguments: ["SEGV", "ABRT", "KILL", "TERM", "USR1"])
    func aSignalIsNamed(name: String) async {
        #expect(await bench.run(script: "kill -\(name) $$").exit == .signalled("SIG\(name)"))
    }

    @Test func aProgramThatIsNotThereIsMissing() async {
        let plain = bench.work + "/plain"
        let text = bench.work + "/text"
        FileOnDisk.write("exit 0\n", to: plain, mode: 0o640)
        FileOnDisk.write("exit 0\n", to: text, mode: 0o750)
        for program in ["/nonexistent/program", "no-such-program", "/tmp", plain, text, "", "./program"] {
            let exit = await bench.run([program]).exit
            guard case .missingProgram = exit else {
                Issue.record("\(program): \(exit)")
                continue
            }
        }
    }

    @Test(arguments: [
        StepExit.exited(code: 0), .exited(code: 255), .signalled("SIGSEGV"), .timeout, .silence, .outputLimit, .memory,
        .missingProgram(reason: "No such file or directory"), .cancelled(killed: true), .cancelled(killed: false),
        .notStarted(reason: "fork failed: Resource temporarily unavailable"), .lost,
    ])
    func theSupervisorsWordIsReadBack(exit: StepExit) {
        #expect(StepExit(word: exit.word) == exit)
        #expect(!exit.word.contains("\n"))
    }

    @Test(arguments: ["", " ", "exited", "exited x", "exited 99999999999", "vanished"])
    func aWordThatCannotBeReadIsALoss(word: String) {
        #expect(StepExit(word: word) == .lost)
    }
}
