package import Glibc

/// The processes of this machine, as `/proc` has them.
package enum ProcessTable {
    package struct Entry {
        package let process: pid_t
        package let parent: pid_t
        /// In clock ticks since the machine was started.
        package let started: UInt64
    }

    package static var processes: [pid_t] { Directory.names(at: "/proc").compactMap { pid_t($0) } }

    package static var entries: [Entry] { processes.compactMap(entry) }

    /// Whether it has been stopped by a signal or a tracer.
    package static func isStopped(_ process: pid_t) -> Bool {
        fields(of: process)?.first.map { $0 == "T" || $0 == "t" } ?? false
    }

    /// The time, in the unit and from the origin of ``Entry/started``.
    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        let ticksPerSecond = UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        return UInt64(time.tv_sec) * ticksPerSecond + UInt64(time.tv_nsec) * ticksPerSecond / 1_000_000_000
    }

    /// The fields of `stat` from the third on; the second, the name, is in brackets and may contain anything.
    private static func fields(of process: pid_t) -> [Substring]? {
        guard let text = SmallFile.read("/proc/\(process)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        return text[text.index(after: end)...].split(separator: " ")
    }

    private static func entry(of process: pid_t) -> Entry? {
        guard let fields = fields(of: process), fields.count > 19, let parent = pid_t(fields[1]),
            let started = UInt64(fields[19])
        else { return nil }
        return Entry(process: process, parent: parent, started: started)
    }
}
