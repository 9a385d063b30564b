import FoundationEssentials
import Glibc

/// What `/proc` says of processes.
package enum Processes {
    /// Whether there is such a process, be it a zombie that nobody has waited for.
    package static func exists(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }

    /// Whether it still does something.
    package static func runs(_ process: Int32) -> Bool {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return false }
        return !["Z", "X"].contains(text[text.index(after: end)...].split(separator: " ").first)
    }

    /// Blocks until a process has ended, whosever child it is.
    package static func waitForEnd(of process: Int32) {
        // Swift's Glibc leaves pidfd_open(2) out.
        typealias Open = @convention(c) (pid_t, UInt32) -> CInt
        guard let symbol = dlsym(nil, "pidfd_open") else { preconditionFailure("glibc 2.36 has pidfd_open") }
        let descriptor = unsafeBitCast(symbol, to: Open.self)(process, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while Glibc.poll(&poll, 1, -1) < 0, errno == EINTR {}
    }

    /// The process ids that a script wrote into files of a directory, by file name.
    package static func written(in directory: String) -> [String: Int32] {
        var processes: [String: Int32] = [:]
        for name in FileOnDisk.all(below: directory) where name.hasSuffix(".pid") {
            let text = FileOnDisk("\(directory)/\(name)")?.text ?? ""
            processes[String(name.dropLast(4))] = Int32(text.split(separator: "\n").first ?? "")
        }
        return processes
    }
}
