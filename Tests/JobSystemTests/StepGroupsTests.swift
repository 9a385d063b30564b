import Glibc
import JobTesting
import Testing

@testable import JobSystem

/// A control group of the machine's, in which others are made.
private final class GroupOnDisk: Sendable {
    /// Nil where this user may make none.
    static let shared = GroupOnDisk()

    let path: String

    private init?() {
        let mounts = SmallFile.read("/proc/self/mounts")?.split(separator: "\n").map { $0.split(separator: " ") }
        guard let mount = mounts?.first(where: { $0.count > 2 && $0[2] == "cgroup2" }) else { return nil }
        path = "\(mount[1])/jobd-test-\(getpid())"
        guard mkdir(path, 0o755) == 0 else { return nil }
        // Goes with this process.
        atexit { _ = GroupOnDisk.shared.map { rmdir($0.path) } }
    }

    /// A group that can limit nothing, since the one above gives it no controllers.
    func make(_ name: String) -> String {
        mkdir("\(path)/\(name)", 0o755)
        return "\(path)/\(name)"
    }
}

@Suite(.timeLimit(.minutes(5)))
struct StepGroupsTests {
    @Test func whereNoControlGroupIsThereAreNone() {
        let directory = TemporaryDirectory()
        #expect(StepGroups(at: directory.path) == nil)
        #expect(StepGroups(at: directory.appending("missing")) == nil)
    }

    @Test(arguments: [
        ("", false), ("low 0\nhigh 0\nmax 12\noom 0\noom_kill 0\noom_group_kill 0\n", false),
        // All steps together, or the machine, had too little.
        ("low 0\nhigh 0\nmax 0\noom 0\noom_kill 3\noom_group_kill 1\n", false),
        ("low 0\nhigh 0\nmax 19\noom 1\noom_kill 21\noom_group_kill 1\n", true),
    ])
    func aStepIsOverItsMemoryWhenItsOwnLimitWasReached(events: String, isOver: Bool) {
        #expect(StepGroup.isOverMemory(events) == isOver)
    }

    @Test(.enabled(if: GroupOnDisk.shared != nil)) func aGroupWithoutControllersIsNotTaken() throws {
        let path = try #require(GroupOnDisk.shared).make("bare")
        defer { rmdir(path) }
        let before = SmallFile.read("/proc/self/cgroup")
        #expect(StepGroups(at: path) == nil)
        #expect(SmallFile.read("/proc/self/cgroup") == before)
        #expect(access("\(path)/supervisors", F_OK) != 0)
    }

    @Test(.enabled(if: GroupOnDisk.shared != nil)) func aGroupThatCannotBeLimitedIsNotLeft() throws {
        let path = try #require(GroupOnDisk.shared).make("limits")
        defer { rmdir(path) }
        #expect(StepGroups(taken: path).make(memoryBytes: 1 << 20, processes: 1) == nil)
        #expect(access("\(path)/step-\(getpid())", F_OK) != 0)
    }

    @Test(.enabled(if: GroupOnDisk.shared != nil)) func whatIsLeftOfAStepIsKilledAndItsGroupRemoved() async throws {
        let path = try #require(GroupOnDisk.shared).make("removal")
        defer { rmdir(path) }
        let groups = StepGroups(taken: path)
        let group = try #require(groups.make(memoryBytes: nil, processes: nil)).directory.path
        let process = try Spawn(
            path: "/bin/sh", arguments: ["sh", "-c", "echo 0 >\(group)/cgroup.procs; kill -STOP $$"], environment: [:],
            descriptors: [0, 1, 2]
        ).start()
        // Until it has stopped.
        _ = await onOwnThread { waitpid(process, nil, WUNTRACED) }
        #expect(!groups.remove(of: getpid()))
        let status = await onOwnThread {
            var status: CInt = 0
            waitpid(process, &status, 0)
            return status
        }
        #expect(status == SIGKILL)
        // A process may be in its group for a moment after its end.
        while !groups.remove(of: getpid()) { await giveWay() }
        #expect(groups.remove(of: getpid()))
        #expect(access(group, F_OK) != 0)
    }
}
