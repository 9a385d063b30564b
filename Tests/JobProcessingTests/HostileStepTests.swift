import Glibc
import JobFiles
import JobModel
import JobSystem
import JobTesting
import Testing

@testable import JobProcessing

/// Steps that turn against the daemon, in no room, and met only by what guards always.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct HostileStepTests {
    /// Into the run's directory.
    private static let toRun = "cd \"$JOBD_WORK_DIRECTORY/..\"; "

    @Test(
        arguments: [
            "rmdir output; ln -s ../../files output",
            "rmdir output; mkfifo output",
            "rm -r work; ln -s ../../files work",
            "rmdir tmp; ln -s ../../files tmp",
            "rm reports; ln -s \"$FOREIGN\" reports",
            "rm reports; mkdir reports; ln -s \"$FOREIGN\" reports/a",
            "rm metadata.json; ln -s \"$FOREIGN\" metadata.json",
            "rm lock; ln -s \"$FOREIGN\" lock",
            "rm -r input; ln -s ../../files input",
            "ln -s \"$FOREIGN\" output/link",
            "ln -s ../../../files output/folder",
            "mkdir output/inner; ln -s ../../../../files output/inner/files",
            "ln \"$FOREIGN\" output/hard",
            "mv \"$PWD\" ../elsewhere; mkdir \"$PWD\"; ln -s ../../files \"$PWD/output\"",
            "mv \"$PWD\" ../elsewhere; ln -s ../files \"$PWD\"",
        ], [0, 3])
    func whatIsOfOthersStaysAsItIs(script: String, exitCode: Int) async throws {
        // The second upload is somebody else's.
        let foreign = "FOREIGN=$(ls -d \"$JOBD_WORK_DIRECTORY\"/../../../files/file_1); "
        var hostile = try Step.script(foreign + Self.toRun + script + "; exit \(exitCode)")
        hostile.isOptional = exitCode != 0
        let bench = try ProcessorBench([hostile, .script("echo ::progress 50 > \"$JOBD_REPORTS\"")])
        let own = try bench.store(Array("own".utf8), name: "own.txt")
        let path = bench.area.path(of: try bench.store(Array("foreign".utf8), name: "foreign.txt").fileId)
        let ended = await bench.run([own])
        #expect(ended.outcome?.artifacts == [])
        #expect(FileOnDisk(path)?.text == "foreign")
        #expect(FileOnDisk(bench.area.path(of: own.fileId))?.text == "own")
        #expect(Set(Directory.names(at: "\(bench.area.directory)/files")).isSuperset(of: ["arriving"]))
        #expect(bench.area.runPaths() == [])
    }

    @Test func theStoredFileDoesNotChangeWithTheInput() async throws {
        let bench = try ProcessorBench([
            .script("chmod u+w \"$JOBD_INPUT\"; echo more >> \"$JOBD_INPUT\"; cat \"$JOBD_INPUT\"; rm \"$JOBD_INPUT\"")
        ])
        let file = try bench.store(Array("as sent\n".utf8), name: "a.txt")
        let ended = await bench.run([file])
        #expect(ended.texts("stdout") == ["as sent", "more"])
        #expect(FileOnDisk(bench.area.path(of: file.fileId))?.text == "as sent\n")
        #expect(FileOnDisk(bench.area.path(of: file.fileId))?.mode == 0o400)
    }

    @Test func aDirectoryThatWasMovedAwayGoesToo() async throws {
        let bench = try ProcessorBench([.script(Self.toRun + "mv \"$PWD\" ../elsewhere")])
        _ = await bench.run()
        #expect(bench.area.runPaths() == [])
    }

    @Test func aFileWithTwoNamesCounts() async throws {
        let limits = StepLimits(outputBytes: 1 << 20)
        let bench = try ProcessorBench([
            .script(
                """
                for i in 1 2 3; do head -c 1000000 /dev/zero > $i; ln $i second-$i; done
                exec tail -f /dev/null
                """, limits: limits)
        ])
        #expect(await bench.run().failure?.code == "output-limit")
    }

    @Test func anInputDoesNotCount() async throws {
        let limits = StepLimits(outputBytes: 1 << 20)
        let bench = try ProcessorBench([.script("sleep 0.3", limits: limits)])
        let file = try bench.store([UInt8](repeating: 0, count: 2 << 20), name: "big")
        #expect(await bench.run([file]).outcome?.ending == .completed)
    }

    @Test func aSupervisorThatIsStoppedGoesOn() async throws {
        let bench = StepBench()
        let ended = await bench.run(
            script: "kill -STOP $PPID; exec tail -f /dev/null", limits: StepLimits(timeout: .milliseconds(300)))
        #expect(ended.exit == .timeout)
    }

    @Test func aSupervisorAndAForkServerThatAreStoppedAreEndedByTheDaemon() async throws {
        let bench = StepBench()
        let script = """
            read _ _ _ server _ < /proc/$PPID/stat
            until read _ _ state _ < /proc/$server/stat && [ "$state" = S ]; do :; done
            kill -STOP $server; kill -STOP $PPID; exec tail -f /dev/null
            """
        let ended = await bench.run(
            script: script, limits: StepLimits(timeout: .milliseconds(200), grace: .zero), patience: .milliseconds(200))
        #expect(ended.exit == .timeout)
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    @Test func theDirectoryOfRunsIsMadeAgain() async throws {
        let bench = try ProcessorBench([.script("true")])
        for _ in 1...2 {
            Directory.remove(at: "\(bench.area.directory)/runs")
            #expect(await bench.run().outcome?.ending == .completed)
        }
    }

    @Test func whatAKilledSupervisorLeavesIsEnded() async throws {
        let bench = StepBench()
        let ready = NamedPipe(bench.work + "/ready")
        let ended = await bench.run(
            script: """
                supervisor=$PPID
                setsid sh -c 'exec 3>&- 4>&-; echo $$ > left.pid; echo > ready; exec tail -f /dev/null' &
                read _ <> ready; kill -KILL $supervisor; exec tail -f /dev/null
                """)
        #expect(ended.exit == .lost)
        let left = try #require(Processes.written(in: bench.work)["left"])
        #expect(!Processes.runs(left))
        withExtendedLifetime(ready) {}
    }

    @Test func aLockThatIsLetGoHidesNobody() async throws {
        let bench = StepBench()
        let ended = await bench.run(
            script: """
                flock -u 3; exec 3>&-; mkfifo ready
                setsid sh -c 'echo $$ > left.pid; echo > ready; exec tail -f /dev/null' &
                read _ <> ready
                """)
        #expect(ended.exit == .exited(code: 0))
        let left = try #require(Processes.written(in: bench.work)["left"])
        #expect(!Processes.runs(left))
    }

    @Test func processesThatGoOnForkingAreEnded() async throws {
        let bench = StepBench()
        let ended = await bench.run(
            script: """
                perl -e '$SIG{TERM} = "IGNORE"; for (1..4) { if (fork == 0) { while (1) { exit if fork } } } sleep 1000'
                """, limits: StepLimits(timeout: .milliseconds(300), grace: .milliseconds(100)))
        #expect(ended.exit == .timeout)
    }

    /// Stops the process that supervisors are forked from, and returns its id.
    private func stopServer(of bench: StepBench) async throws -> pid_t {
        let server = await bench.run(script: "read _ _ _ server _ < /proc/$PPID/stat; echo $server").texts()
        let process = try #require(server.first.flatMap { pid_t($0) })
        kill(process, SIGSTOP)
        await onOwnThread { while !ProcessTable.isStopped(process) {} }
        return process
    }

    @Test func aStepThatNoSupervisorComesForIsGivenBackAndTheNextOneRuns() async throws {
        let bench = StepBench()
        let server = try await stopServer(of: bench)
        // Without any limit of time of its own.
        let ended = await bench.run(script: "exit 3", startPatience: .milliseconds(200))
        guard case .shortage(let reason) = ended.exit else {
            Issue.record("the step ended: \(ended.exit)")
            return
        }
        #expect(reason.contains("did not answer"))
        #expect(!Processes.exists(server))
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    @Test func aStepThatIsCancelledBeforeASupervisorComesEnds() async throws {
        let bench = StepBench()
        _ = try await stopServer(of: bench)
        let cancellation = try Cancellation()
        cancellation.cancel()
        let ended = await bench.run(
            script: "exit 3", limits: StepLimits(grace: .zero), cancellation: cancellation, patience: .milliseconds(200)
        )
        #expect(ended.exit != .exited(code: 3))
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    @Test func aForkServerThatReadsNothingIsReplacedOnceItsSocketIsFull() async throws {
        let server = ForkServer(.steps(executable: BuiltPrograms.jobd), patience: .milliseconds(100))
        let bench = StepBench(forkServer: server)
        _ = try await stopServer(of: bench)
        await onOwnThread {
            // Each is a message without meaning; the kernel holds only so many of them.
            var error: SystemError?
            while error == nil {
                do throws(SystemError) {
                    try server.fork([STDERR_FILENO, STDERR_FILENO])
                } catch let failure {
                    error = failure
                }
            }
        }
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
    }

    @Test func aStoppedForkServerIsReplaced() async throws {
        let bench = StepBench()
        let process = try await stopServer(of: bench)
        let pipes = try StepPipes()
        #expect(!bench.forkServer.end(pipes.status))
        #expect(await bench.run(script: "exit 3").exit == .exited(code: 3))
        #expect(!Processes.exists(process))
    }
}
