import CJobSystem
import Glibc

/// The control group (cgroup v2) that this process was given (`Delegate=` of systemd), with one below it for each step.
///
/// It is known by its path, since supervisors close every descriptor that they come with. Each call blocks.
package struct StepGroups: Sendable {
    private let path: String

    /// Takes a group that somebody has taken already.
    init(taken path: String) { self.path = path }

    /// Takes the group at a path, and removes those of steps that ended before; nil where it is not there, is somebody else's,
    /// or cannot limit what steps take, and where no process can be started in a group.
    ///
    /// This process moves into a group below it: only those at the ends may have processes.
    package init?(at path: String) {
        self.path = path
        let controllers = SmallFile.read("\(path)/cgroup.controllers")?.split(whereSeparator: \.isWhitespace) ?? []
        guard controllers.contains("memory"), can_start_in_group() else { return nil }
        do throws(SystemError) {
            let directory = try Directory(at: path)
            try directory.directory(making: "supervisors", mode: 0o755).set("cgroup.procs", "0")
            try directory.set("cgroup.subtree_control", "+cpu +memory +pids")
            for name in directory.names where name.description.hasPrefix("step-") {
                unlinkat(directory.descriptor, name.bytes, AT_REMOVEDIR)
            }
        } catch {
            return nil
        }
    }

    /// What `/dev/shm` holds and the kernel has for a step, in bytes beside the memory that is its limit.
    private static let besides: Int64 = 64 << 20

    /// Makes the group of this supervisor's step; nil where that cannot be: its room watches it all the same.
    package func make(memoryBytes: Int64?, processes: Int?) -> StepGroup? {
        let name = Self.name(getpid())
        guard let above = try? Directory(at: path), let directory = try? above.makeDirectory(name, mode: 0o755) else {
            return nil
        }
        do throws(SystemError) {
            if let memoryBytes {
                try directory.set("memory.max", "\(min(memoryBytes, .max - Self.besides) + Self.besides)")
                try directory.set("memory.oom.group", "1")
                // Not there where the kernel does not count what it has swapped out.
                try? directory.set("memory.swap.max", "0")
            }
            // With the room's first process.
            if let processes { try directory.set("pids.max", "\(processes + 1)") }
        } catch {
            unlinkat(above.descriptor, name.bytes, AT_REMOVEDIR)
            return nil
        }
        return StepGroup(directory: directory)
    }

    /// Removes the group of a supervisor that has ended; false while something is in it, which is killed.
    package func remove(of supervisor: Int32) -> Bool {
        guard let above = try? Directory(at: path) else { return true }
        let name = Self.name(supervisor)
        if unlinkat(above.descriptor, name.bytes, AT_REMOVEDIR) == 0 || errno == ENOENT { return true }
        try? above.directory(name).set("cgroup.kill", "1")
        return false
    }

    private static func name(_ supervisor: Int32) -> Directory.Name { "step-\(supervisor)" }
}

/// The control group of one step.
package struct StepGroup: Sendable {
    let directory: Directory

    /// Whether the kernel has ended it because it wanted more than its own limit.
    package var wasOverMemory: Bool { Self.isOverMemory(SmallFile.read("\(directory.path)/memory.events") ?? "") }

    /// `oom_kill` would count ends for want of memory elsewhere, too: in the service, or on the machine.
    static func isOverMemory(_ events: String) -> Bool {
        events.split(separator: "\n").contains { $0.hasPrefix("oom ") && $0 != "oom 0" }
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
