import Glibc

/// What the kernel says of this process, under the names that Prometheus's own clients use.
package enum ProcessFigures {
    /// Reads what the kernel keeps of it, which blocks for well under a millisecond; what cannot be read is left out.
    static func samples() -> [MetricSample] {
        var samples: [MetricSample] = []
        var usage = rusage()
        if getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 {
            let seconds = [usage.ru_utime, usage.ru_stime].map { Double($0.tv_sec) + Double($0.tv_usec) / 1e6 }
            samples.append(.init("process_cpu_seconds_total", exactly: seconds[0] + seconds[1]))
        }
        // The fields behind the name, which ends with the last parenthesis; the first is the third of proc(5).
        let fields = contents(of: "/proc/self/stat").split(separator: ")").last?.split(separator: " ") ?? []
        if fields.count > 21, let virtual = Int64(fields[20]), let pages = Int64(fields[21]),
            let threads = Int64(fields[17]), let ticks = Double(fields[19])
        {
            samples.append(.init("process_resident_memory_bytes", pages * Int64(sysconf(Int32(_SC_PAGESIZE)))))
            samples.append(.init("process_virtual_memory_bytes", virtual))
            samples.append(.init("process_threads", threads))
            let bootTime = seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME)
            let started = bootTime + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
            samples.append(.init("process_start_time_seconds", exactly: started))
        }
        if let count = openDescriptorCount { samples.append(.init("process_open_fds", count)) }
        samples.append(.init("process_max_fds", descriptorLimit))
        return samples
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The most file descriptors that this process may have open; 0 when that cannot be found out.
    package static var descriptorLimit: UInt64 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return UInt64(limit.rlim_cur)
    }

    /// File descriptors that this process has open; nil when that cannot be found out.
    package static var openDescriptorCount: Int? {
        guard let directory = opendir("/proc/self/fd") else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        // Without ".", ".." and the directory itself.
        return count - 3
    }

    private static func contents(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
