import CJobSystem
import Glibc

/// A room for one command: namespaces of its own, in which it sees a read-only system, its own folders, and nobody else.
package struct Room: Sendable {
    /// Paths that are there read-only, besides the system's programs; what is missing is left out.
    package var readable: [String] = []
    /// Paths that are there and may be written.
    package var writable: [String] = []
    /// Paths that are empty wherever the ones above would show them.
    package var covered: [String] = []
    /// What the command works on, read-only, and the folders where it works; there even below what is covered.
    package var inputs: [String] = []
    package var folders: [String] = []
    /// The folder that is `/tmp`, too.
    package var temporary: String?
    /// Whether the command sees the network that whoever makes the room sees.
    package var network = false
    /// The most processes and threads.
    package var processes: Int?
    /// The most memory of all its processes together, in bytes.
    package var memoryBytes: Int64?
    /// The most that files occupy which are open and have no name any more.
    package var unnamedBytes: Int64?
    /// The control group that all of it is to be in, where that can be.
    package var group: StepGroup?
    /// What must not be in sight: looked for instead of running the command.
    package var hidden: [String]?

    package init() {}

    /// A room that was made, and the command that runs in it.
    package struct Running: Sendable {
        /// The room's first process: a child, whose end is the end of everything in it.
        package let process: Int32
        /// A byte has all processes asked to end; its end ends them.
        package let control: CInt
        /// Can be read once the command has ended or the room could not be made.
        package let report: CInt
    }

    /// How a command in a room came to its end.
    package enum End: Sendable {
        /// The room could not be made, or the command not be started: then the call is `execve`.
        case failed(SystemError)
        /// `status` as of wait(2), and the command's largest resident size.
        case ended(status: CInt, peakKilobytes: Int)
        case tooMuchMemory
        case tooManyProcesses
        case tooManyDescriptors
        case tooManyBytes
        /// It was killed.
        case killed
    }

    /// Puts this process, which has one thread, where no network is, so that the rooms which it makes need none of their own.
    ///
    /// Fails where rooms could reach each other in the network that they share.
    package static func leaveNetwork() throws(SystemError) { try SystemError.check("unshare", leave_network()) }

    /// Starts a command in a room; for a process with one thread.
    ///
    /// The command has its own descriptors and no others. Whoever makes the room says whether it is without a network itself.
    package func start(_ command: Spawn, isWithoutNetwork: Bool) throws(SystemError) -> Running {
        let (control, otherControl) = try Descriptors.socketPair(SOCK_STREAM)
        let (report, otherReport): (CInt, CInt)
        do throws(SystemError) {
            (report, otherReport) = try Descriptors.pipe()
        } catch {
            close(control)
            close(otherControl)
            throw error
        }
        let lists = [readable, writable, covered, inputs, folders].map { CStrings($0) }
        let paths = lists.map { UnsafePointer<UnsafePointer<CChar>?>(OpaquePointer($0.base)) }
        let hide = hidden.map { CStrings($0) }
        let process = command.withRequest { command in
            withOptionalCString(temporary) { temporary in
                var request = room_request(
                    command: command, readable: paths[0], writable: paths[1], covered: paths[2], inputs: paths[3],
                    folders: paths[4], temporary: temporary, network: network,
                    maker_has_empty_network: isWithoutNetwork, process_limit: UInt64(clamping: processes ?? 0),
                    memory_limit: UInt64(clamping: memoryBytes ?? 0),
                    unnamed_limit: UInt64(clamping: unnamedBytes ?? 0), group: group?.directory.descriptor ?? -1,
                    hidden: hide.map { UnsafePointer(OpaquePointer($0.base)) })
                return start_room(&request, otherControl, control, otherReport)
            }
        }
        let failure = process < 0 ? SystemError("clone") : nil
        withExtendedLifetime((lists, hide)) {}
        close(otherControl)
        close(otherReport)
        if let failure {
            close(control)
            close(report)
            throw failure
        }
        return Running(process: process, control: control, report: report)
    }
}

extension Room.Running {
    /// Asks all processes in it to end (SIGTERM).
    package func askToEnd() {
        var byte: UInt8 = 0
        _ = send(control, &byte, 1, CInt(MSG_NOSIGNAL))
    }

    /// Ends everything in it at once, and waits until the kernel has; closes what was open.
    package func end() -> Room.End {
        var report = room_report()
        // What it has said already counts, even when it cannot be waited for.
        let flags = fcntl(self.report, F_GETFL)
        _ = fcntl(self.report, F_SETFL, flags | O_NONBLOCK)
        var count = read(self.report, &report, MemoryLayout<room_report>.size)
        kill(process, SIGKILL)
        while waitpid(process, nil, 0) < 0, errno == EINTR {}
        if count < 0 { count = read(self.report, &report, MemoryLayout<room_report>.size) }
        close(self.report)
        close(control)
        guard count == MemoryLayout<room_report>.size else { return .killed }
        let call = withUnsafeBytes(of: report.call) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if !call.isEmpty { return .failed(SystemError(call, errno: report.error)) }
        if report.over_memory { return .tooMuchMemory }
        if report.over_processes { return .tooManyProcesses }
        if report.over_descriptors { return .tooManyDescriptors }
        if report.over_unnamed { return .tooManyBytes }
        return .ended(status: report.status, peakKilobytes: Int(report.peak_kilobytes))
    }
}
