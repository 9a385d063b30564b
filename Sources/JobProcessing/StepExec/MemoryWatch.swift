import Glibc
import JobSystem

/// Tells a failure for want of memory from others.
///
/// A process under `RLIMIT_AS` sees an allocation fail, and then exits or aborts as it likes. So a command that fails counts
/// as out of memory when it was seen with nine tenths of its limit as address space, or used eight tenths at its peak.
struct MemoryWatch {
    private var addressSpaceBytes: Int64 = 0
    private var residentBytes: Int64 = 0

    /// Looks at the peak of a running process's address space.
    mutating func look(at process: pid_t) {
        guard let text = SmallFile.read("/proc/\(process)/status"),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmPeak:") }),
            let kilobytes = line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Int64($0) })
        else { return }
        addressSpaceBytes = max(addressSpaceBytes, kilobytes * 1024)
    }

    /// Takes the peak that the kernel tells when a process has ended.
    mutating func note(residentKilobytes: Int) {
        residentBytes = max(residentBytes, Int64(residentKilobytes) * 1024)
    }

    func isNear(_ limit: Int64) -> Bool {
        addressSpaceBytes >= limit / 10 * 9 || residentBytes >= limit / 10 * 8
    }
}
