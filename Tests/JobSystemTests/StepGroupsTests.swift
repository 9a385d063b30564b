import Glibc
import JobTesting
import Testing

@testable import JobSystem

/// Where no control group can be made for a step; that one can is shown in the package.
struct StepGroupsTests {
    private let directory = TemporaryDirectory()

    @Test func whereNothingIsThereAreNone() {
        #expect(StepGroups(at: directory.appending("missing")) == nil)
    }

    @Test func aFolderThatIsNotAControlGroupIsNone() {
        #expect(StepGroups(at: directory.path) == nil)
    }

    @Test func aGroupThatCannotBeLimitedIsNotLeft() throws {
        mkdir(directory.appending("supervisors"), 0o700)
        FileOnDisk.write("", to: directory.appending("supervisors/cgroup.procs"))
        FileOnDisk.write("", to: directory.appending("cgroup.subtree_control"))
        let groups = try #require(StepGroups(at: directory.path))
        #expect(FileOnDisk(directory.appending("supervisors/cgroup.procs"))?.text == "0")
        #expect(groups.make(memoryBytes: 1 << 20, processes: 1) == nil)
        #expect(Directory.names(at: directory.path).sorted() == ["cgroup.subtree_control", "supervisors"])
    }

    @Test func theGroupOfAStepIsRemovedOnceNothingIsInIt() throws {
        mkdir(directory.appending("supervisors"), 0o700)
        FileOnDisk.write("", to: directory.appending("supervisors/cgroup.procs"))
        FileOnDisk.write("", to: directory.appending("cgroup.subtree_control"))
        let groups = try #require(StepGroups(at: directory.path))
        mkdir(directory.appending("step-7"), 0o700)
        FileOnDisk.write("", to: directory.appending("step-7/cgroup.kill"))
        #expect(!groups.remove(7))
        #expect(FileOnDisk(directory.appending("step-7/cgroup.kill"))?.text == "1")
        unlink(directory.appending("step-7/cgroup.kill"))
        #expect(groups.remove(7))
        #expect(groups.remove(7))
    }
}
