import Glibc
import JobTesting
import Testing

@testable import JobProcessing

/// That a step is ended when it must be, with all that it started.
@Suite(.timeLimit(.minutes(1)))
struct StepEndingTests {
    let bench = StepBench()
    private let impatient = StepLimits(timeout: .milliseconds(200), grace: .milliseconds(200))

    /// Leaves a child in the group, one in a session of its own, and an orphan, and says so.
    private static let family = """
        sleep 1000 & echo $! >>"$1/pids"
        setsid sh -c 'echo $$ >>"$0/pids"; exec sleep 1000' "$1" &
        (sh -c 'echo $$ >>"$0/pids"; exec sleep 1000' "$1" &)
        while [ "$(wc -l <"$1/pids")" -lt 3 ]; do :; done
        echo started
        """

    @Test func whatACommandLeavesBehindIsEnded() {
        let end = bench.run(Self.family + "\nexit 5")
        #expect(end.exit == .exited(code: 5))
        #expect(bench.numbers(in: "pids").count == 3)
        #expect(!bench.numbers(in: "pids").contains(where: isRunning))
    }

    @Test func tooSlowIsEndedWithEverything() {
        let end = bench.run(Self.family + "\nwait", limits: impatient)
        #expect(end.exit == .timeout)
        #expect(!bench.numbers(in: "pids").contains(where: isRunning))
    }

    @Test func whoIgnoresTheRequestIsKilled() {
        let cancellation = Cancellation()
        let end = bench.run(
            "trap '' TERM; echo ready; while :; do sleep 1000; done", limits: impatient, cancellation: cancellation
        ) { _ in cancellation.cancel() }
        #expect(end.exit == .cancelled(killed: true))
    }

    @Test func whoHearsTheRequestMayCleanUp() {
        let cancellation = Cancellation()
        let end = bench.run(
            "trap 'echo cleaned; exit 0' TERM; echo ready; while :; do sleep 0.01; done",
            cancellation: cancellation
        ) { _ in cancellation.cancel() }
        #expect(end.exit == .cancelled(killed: false))
        #expect(end.out == ["ready", "cleaned"])
    }

    @Test func aRequestBeforeTheStartIsHeard() {
        let cancellation = Cancellation()
        cancellation.cancel()
        #expect(cancellation.isCancelled)
        let end = bench.run("exec sleep 1000", cancellation: cancellation)
        #expect(end.exit == .cancelled(killed: false))
    }

    @Test func silenceIsEnded() {
        let limits = StepLimits(silence: .milliseconds(300), grace: .milliseconds(200))
        let end = bench.run("for i in 1 2 3 4 5 6; do sleep 0.1; echo $i; done; exec sleep 1000", limits: limits)
        #expect(end.exit == .silence)
        #expect(end.out == ["1", "2", "3", "4", "5", "6"])
    }

    @Test func tooMuchMemoryIsToldAsSuch() {
        let limits = StepLimits(memoryBytes: 64 << 20)
        let end = bench.run(command: ["perl", "-e", "push @x, 'x' x (1 << 20) while 1"], limits: limits)
        #expect(end.exit == .memory)
    }

    @Test func aFileThatGrowsTooLargeIsEnded() {
        let limits = StepLimits(outputBytes: 1 << 20)
        let end = bench.run("exec head -c 100000000 /dev/zero >\"$1/large\"", limits: limits)
        #expect(end.exit == .outputLimit)
    }

    @Test func manyFilesThatAreTooLargeTogetherAreEnded() {
        let limits = StepLimits(grace: .milliseconds(200), outputBytes: 1 << 20)
        let end = bench.run(
            "i=0; while :; do i=$((i + 1)); head -c 200000 /dev/zero >\"$1/$i\"; sleep 0.02; done", limits: limits)
        #expect(end.exit == .outputLimit)
    }

    @Test func theDeathOfTheDaemonEndsTheStep() throws {
        // A stand-in for the daemon holds the control pipe, and is killed.
        var spawn = Spawn(
            path: "/bin/sh",
            arguments: [
                "sh", "-c",
                """
                mkfifo "$1/control"
                "$2" step-exec $3 <"$1/control" 3>/dev/null &
                exec 4>"$1/control"
                echo $! >"$1/supervisor"
                exec sleep 1000
                """, "sh", bench.directory.path, bench.supervisor,
                StepExecArguments(
                    directory: bench.directory.path, workDirectory: bench.directory.path,
                    limits: StepLimits(grace: .milliseconds(200)),
                    command: ["sleep", "2000"]
                ).words.joined(separator: " "),
            ], environment: ["PATH": ProgramPath.standard], descriptors: [0, 1, 2])
        spawn.hasOwnGroup = true
        let daemon = try spawn.start()
        let lock = bench.directory.appending("lock")
        while access(lock, F_OK) != 0 || bench.numbers(in: "supervisor").isEmpty { sched_yield() }
        kill(daemon, SIGKILL)
        var status: CInt = 0
        waitpid(daemon, &status, 0)
        // Free only when nobody holds it any more.
        while true {
            let descriptor = open(lock, O_RDWR)
            defer { close(descriptor) }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { break }
            sched_yield()
        }
    }

    @Test func whatADeadSupervisorLeftIsFoundByItsLock() throws {
        let end = bench.run("sleep 1000 & kill -KILL $PPID; exec sleep 1000")
        #expect(end.exit == .lost)
        #expect(RunLock.free(bench.directory.path) == [])
    }
}
