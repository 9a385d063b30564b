import Glibc

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

/// Files of `/proc`, and others that are small.
enum SmallFile {
    /// Makes a file; false when that fails, and `errno` tells why.
    static func write(_ text: String, to path: String) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        return Glibc.write(descriptor, bytes, bytes.count) == bytes.count
    }

    /// At most 64 KiB; nil when it cannot be read.
    static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = max(0, Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
