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

    /// Blocks until nothing is left of a process that is nobody's child here.
    package static func waitForEnd(of process: Int32) {
        while exists(process) { usleep(1000) }
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
