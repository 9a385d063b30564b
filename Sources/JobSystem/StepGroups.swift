import Glibc

/// A control group (cgroup v2) that this process was given (`Delegate=` of systemd), with one below it for each step.
package struct StepGroups: Sendable {
    private let directory: Directory

    /// Takes the group at a path; nil where it is not there, is somebody else's, or limits no memory.
    ///
    /// This process moves into a group below it: only those at the ends may have processes.
    package init?(at path: String) {
        do throws(SystemError) {
            directory = try Directory(at: path)
            try directory.directory(making: "supervisors").set("cgroup.procs", "0")
            try directory.set("cgroup.subtree_control", "+memory")
        } catch {
            return nil
        }
        for controller in ["+pids", "+cpu"] { try? directory.set("cgroup.subtree_control", controller) }
    }

    /// What `/dev/shm` holds and the kernel has for the step, beside the memory that is its limit.
    private static let besides: Int64 = 64 << 20

    /// Makes the group of this supervisor's step; nil where that cannot be, so that others watch alone.
    package func make(memoryBytes: Int64?, processes: Int?) -> StepGroup? {
        let name = Self.name(getpid())
        do throws(SystemError) {
            let group = try directory.makeDirectory(name, mode: 0o755)
            if let memoryBytes {
                try group.set("memory.max", "\(min(memoryBytes, Int64.max - Self.besides) + Self.besides)")
                try group.set("memory.oom.group", "1")
                // Not there where the kernel does not count what was swapped out.
                try? group.set("memory.swap.max", "0")
            }
            // With the room's first process.
            if let processes { try? group.set("pids.max", "\(processes + 1)") }
            return StepGroup(directory: group, joining: try group.open("cgroup.procs", O_WRONLY))
        } catch {
            unlinkat(directory.descriptor, name.bytes, AT_REMOVEDIR)
            return nil
        }
    }

    /// Ends what is left in the group of a supervisor's step, and removes it; false while something is in it.
    package func remove(_ supervisor: Int32) -> Bool {
        let name = Self.name(supervisor)
        if unlinkat(directory.descriptor, name.bytes, AT_REMOVEDIR) == 0 || errno == ENOENT { return true }
        try? directory.directory(name).set("cgroup.kill", "1")
        return false
    }

    private static func name(_ supervisor: Int32) -> Directory.Name { "step-\(supervisor)" }
}

/// The control group of one step.
package struct StepGroup: Sendable {
    private let directory: Directory
    /// By which a process joins it.
    package let joining: CInt

    fileprivate init(directory: Directory, joining: CInt) {
        self.directory = directory
        self.joining = joining
    }

    /// Whether the kernel has ended it for its memory.
    package var wasOverMemory: Bool {
        let events = SmallFile.read("\(directory.path)/memory.events") ?? ""
        return events.split(separator: "\n").contains { $0.hasPrefix("oom_kill ") && $0 != "oom_kill 0" }
    }
}

extension Directory {
    /// Writes a word into a file that is there, in one piece.
    fileprivate func set(_ name: Name, _ word: String) throws(SystemError) {
        let file = try open(name, O_WRONLY)
        defer { close(file) }
        try Descriptors.writeAll(word.utf8, to: file, "\(path)/\(name)")
    }
}
