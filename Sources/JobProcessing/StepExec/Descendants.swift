import Glibc
import JobFiles

/// The processes below this one.
enum Descendants {
    /// All of them, read from `/proc`; those that come meanwhile, or lose their parent meanwhile, are found by the next call.
    static func ofThisProcess() -> [ProcessTable.Entry] {
        var children: [pid_t: [ProcessTable.Entry]] = [:]
        for entry in ProcessTable.entries { children[entry.parent, default: []].append(entry) }
        var found: [ProcessTable.Entry] = []
        var open = [getpid()]
        while let process = open.popLast() {
            let below = children[process] ?? []
            found += below
            open += below.map(\.process)
        }
        return found
    }
}

/// The processes of this machine, as `/proc` has them.
enum ProcessTable {
    struct Entry {
        let process: pid_t
        let parent: pid_t
        /// In clock ticks since the machine was started.
        let started: UInt64
    }

    static var processes: [pid_t] { Folder.names(in: "/proc").compactMap { pid_t($0) } }

    static var entries: [Entry] { processes.compactMap(entry) }

    /// The time, in the unit and from the origin of ``Entry/started``.
    static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let ticksPerSecond = UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        return UInt64(time.tv_sec) * ticksPerSecond + UInt64(time.tv_nsec) * ticksPerSecond / 1_000_000_000
    }

    /// Reads the 4th and 22nd field of `stat`; the second, the name, is in brackets and may contain anything.
    private static func entry(of process: pid_t) -> Entry? {
        guard let text = SmallFile.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, let parent = pid_t(fields[1]), let started = UInt64(fields[19]) else { return nil }
        return Entry(process: process, parent: parent, started: started)
    }
}
