import Glibc
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

/// A supervisor that runs one step after another.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct SupervisorReuseTests {
    private let bench = StepBench()

    /// What a step's command has of its own, and its supervisor's id at the end.
    private static let look = """
        env | sort; umask; ulimit -a
        for fd in /proc/$$/fd/*; do echo ${fd##*/} $(readlink $fd | tr -d 0-9); done; ps -o pid= --ppid $PPID | wc -l; echo $PPID
        """

    /// No supervisor ran two steps.
    private struct NoReuse: Error {}

    /// Runs a step, and another until both had the same supervisor: it may have been idle for too long.
    private func runTwice(
        _ first: (StepBench) async -> StepBench.Ended, then script: String
    ) async throws -> (StepBench.Ended, StepBench.Ended) {
        let other = StepBench(forkServer: bench.forkServer)
        for _ in 1..<100 {
            let (before, after) = (await first(bench), await other.run(script: script))
            if before.texts().last == after.texts().last { return (before, after) }
        }
        throw NoReuse()
    }

    @Test func theNextStepHasNothingOfTheOneBefore() async throws {
        // It is the first of its supervisor.
        let fresh = await StepBench().run(script: Self.look)
        let (before, after) = try await runTwice(
            { bench in
                await bench.run(
                    script: """
                        ulimit -n 20; umask 0; (sleep 1000 &) ; cd /; exec 9<.; export LEFT=1; echo word >&2
                        echo $PPID
                        """,
                    limits: StepLimits(memoryBytes: 1 << 30, cpu: .seconds(7), outputBytes: 1 << 20))
            }, then: Self.look)
        #expect(before.texts(.stderr) == ["word"])
        func comparable(_ ended: StepBench.Ended) -> [String] {
            ended.texts().dropLast().filter { !$0.hasPrefix("PWD=") && !$0.contains("/lock") }
        }
        #expect(comparable(after) == comparable(fresh))
        #expect(after.texts(.stderr) == fresh.texts(.stderr))
    }

    @Test func eachHoldsTheLockAndTheDirectoryOfItsOwnStepAlone() async throws {
        let (_, after) = try await runTwice(
            { await $0.run(script: "echo $PPID") },
            then: "for fd in /proc/$PPID/fd/*; do readlink $fd; done; echo $PPID")
        #expect(!after.texts().contains { $0.hasPrefix(bench.directory) })
    }

    @Test(arguments: [SIGTERM, SIGKILL])
    func oneThatHadToEndItsStepEndsItself(_ signal: CInt) async throws {
        let cancellation = try Cancellation()
        let ended = await bench.run(
            script: "\(signal == SIGKILL ? "trap '' TERM; " : "")echo $PPID; echo go; while :; do sleep 0.01; done",
            limits: StepLimits(grace: signal == SIGKILL ? .milliseconds(50) : .seconds(50)), cancellingAt: "go",
            cancellation: cancellation)
        #expect(ended.exit == .cancelled(killed: signal == SIGKILL))
        let supervisor = try #require(ended.texts().first.flatMap { pid_t($0) })
        await onOwnThread { Processes.waitForEnd(of: supervisor) }
    }

    @Test func oneThatIsIdleForLongEnds() async throws {
        let ended = await bench.run(script: "echo $PPID")
        let supervisor = try #require(ended.texts().first.flatMap { pid_t($0) })
        await onOwnThread { Processes.waitForEnd(of: supervisor) }
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    @Test func oneThatIsKilledWhileItIsIdleIsNotMissed() async throws {
        for _ in 1...5 {
            let ended = await bench.run(script: "echo $PPID")
            kill(try #require(ended.texts().first.flatMap { pid_t($0) }), SIGKILL)
            let exit = await bench.run(script: "exit 4").exit
            // It may have been given the step in the moment before it was gone.
            #expect(exit == .exited(code: 4) || exit == .lost)
        }
    }
}
