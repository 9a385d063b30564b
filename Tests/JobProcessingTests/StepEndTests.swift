import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

/// Whatever a step starts has ended when the step has.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct StepEndTests {
    /// Ways to get away; each writes its process id into `NAME.pid`, and a line into the pipe `started`.
    private static let runaways = """
        mkfifo started; exec 4<>started
        stay='echo $$ > $0.pid; echo > started; exec tail -f /dev/null'
        echo $PPID > supervisor.pid
        sh -c "$stay" child & read x <&4
        setsid sh -c "$stay" session & read x <&4
        (setsid sh -c '(sh -c "$0" forked &) &' "$stay" &); read x <&4
        setsid sh -c "trap '' TERM HUP; exec 3>&- >/dev/null 2>&1; $stay" deaf & read x <&4
        setsid sh -c 'echo $$ > stopped.pid; echo > started; kill -STOP $$' & read x <&4

        """

    private let bench = StepBench()

    @Test(arguments: [0, 3] as [CInt])
    func nothingIsLeftOfAStepThatEndsByItself(code: CInt) async {
        let ended = await bench.run(script: Self.runaways + "exit \(code)")
        #expect(ended.exit == .exited(code: code))
        await expectThatNothingIsLeft()
    }

    @Test func nothingIsLeftOfAStepThatCrashes() async {
        let ended = await bench.run(script: Self.runaways + "kill -SEGV $$")
        #expect(ended.exit == .signalled("SIGSEGV"))
        await expectThatNothingIsLeft()
    }

    @Test func nothingIsLeftOfAStepThatIsCancelled() async {
        let ended = await bench.run(
            script: Self.runaways + "echo ready; exec tail -f /dev/null",
            limits: StepLimits(grace: .milliseconds(100)), cancellingAt: "ready")
        #expect(ended.exit == .cancelled(killed: true))
        await expectThatNothingIsLeft()
    }

    /// The grandchildren are nobody's then, and found by the lock.
    @Test func nothingIsLeftOfAStepWhoseSupervisorIsKilled() async throws {
        let script = """
            mkfifo started; exec 4<>started
            setsid sh -c 'echo $$ > session.pid; echo > started; exec tail -f /dev/null' & read x <&4
            setsid sh -c 'trap "" TERM; echo $$ > deaf.pid; echo > started; exec tail -f /dev/null' & read x <&4
            echo $$ > command.pid
            kill -KILL $PPID
            exec tail -f /dev/null
            """
        let ended = await bench.run(script: script, limits: StepLimits(grace: .milliseconds(100)))
        #expect(ended.exit == .lost)
        let processes = Processes.written(in: bench.work)
        #expect(processes.count == 3)
        for (name, process) in processes { #expect(!Processes.runs(process), "\(name)") }
    }

    @Test func whoeverIgnoresTheRequestIsKilled() async {
        let ended = await bench.run(
            script: "trap '' TERM; echo ready; exec tail -f /dev/null", limits: StepLimits(grace: .milliseconds(50)),
            cancellingAt: "ready")
        #expect(ended.exit == .cancelled(killed: true))
    }

    @Test func whoeverFollowsTheRequestIsNotKilled() async {
        let ended = await bench.run(
            script: "trap 'echo bye; exit 0' TERM; sh -c 'echo ready; exec tail -f /dev/null' & wait",
            limits: StepLimits(grace: .seconds(50)), cancellingAt: "ready")
        #expect(ended.exit == .cancelled(killed: false))
        #expect(ended.texts() == ["ready", "bye"])
    }

    @Test func aRequestBeforeTheBeginningIsFollowed() async throws {
        let cancellation = try Cancellation()
        cancellation.cancel()
        #expect(cancellation.isCancelled)
        let ended = await bench.run(["tail", "-f", "/dev/null"], cancellation: cancellation)
        guard case .cancelled = ended.exit else {
            Issue.record("\(ended.exit)")
            return
        }
    }

    @Test func whatIsStillRunningIsToldToEndFirst() async {
        let ended = await bench.run(
            script: """
                mkfifo started; exec 4<>started
                setsid sh -c 'trap "echo told; exit" TERM; sh -c "echo > started; exec tail -f /dev/null" & wait' &
                read x <&4
                echo ready
                wait
                """, limits: StepLimits(grace: .seconds(50)), cancellingAt: "ready")
        #expect(ended.exit == .cancelled(killed: false))
        #expect(ended.texts().contains("told"))
    }

    private func expectThatNothingIsLeft() async {
        var processes = Processes.written(in: bench.work)
        #expect(Set(processes.keys) == ["supervisor", "child", "session", "forked", "deaf", "stopped"])
        // The supervisor has said its last word, and ends by itself.
        if let supervisor = processes.removeValue(forKey: "supervisor") {
            await onOwnThread { Processes.waitForEnd(of: supervisor) }
        }
        for (name, process) in processes { #expect(!Processes.exists(process), "\(name)") }
    }
}
