import Glibc
import JobFiles

/// The processes below this one.
enum Descendants {
    /// All of them, read from `/proc`; those that come meanwhile are found by the next call.
    static func ofThisProcess() -> [pid_t] {
        var children: [pid_t: [pid_t]] = [:]
        for process in ProcessTable.processes {
            if let parent = parent(of: process) { children[parent, default: []].append(process) }
        }
        var found: [pid_t] = []
        var open = [getpid()]
        while let process = open.popLast() {
            let below = children[process] ?? []
            found += below
            open += below
        }
        return found
    }

    /// The fourth field of `stat`; the second, the name, is in brackets and may contain anything.
    private static func parent(of process: pid_t) -> pid_t? {
        guard let text = SmallFile.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        return fields.count > 1 ? pid_t(fields[1]) : nil
    }
}

/// The processes of this machine, as `/proc` has them.
enum ProcessTable {
    static var processes: [pid_t] { Folder.names(in: "/proc").compactMap { pid_t($0) } }
}
