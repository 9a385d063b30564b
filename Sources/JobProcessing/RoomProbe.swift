import Glibc
import JobFiles
import JobSystem

/// Tries whether a room can be made, by making one that looks around itself.
struct RoomProbe: Sendable {
    /// How long it waits for the process that supervisors are forked from.
    private static let patience = Duration.seconds(5)

    /// Where the room gets a directory from.
    let area: FilesArea
    /// Out of sight of every step.
    let hidden: [String]
    /// Empty in a room, whatever a step may read.
    let covered: [String]

    /// What keeps rooms from being made or from hiding what they must; nil when nothing does; blocks.
    func problem(with servers: [ForkServer]) -> String? {
        for server in servers {
            if let problem = problem(with: server) { return problem }
        }
        return nil
    }

    private func problem(with server: ForkServer) -> String? {
        let reason = reason(with: server)
        // Which of the units it is; what cannot be connected to is named already.
        guard case .unit(let socket) = server.origin, let reason, !reason.contains(socket) else { return reason }
        return "\(socket): \(reason)"
    }

    private func reason(with server: ForkServer) -> String? {
        guard let cancellation = try? Cancellation() else { return "no descriptors are left" }
        do {
            let directory = try ProbeDirectory(in: area)
            var order = StepOrder(
                workDirectory: directory.path, command: ["/bin/true"], environment: [:],
                limits: StepLimits(timeout: .seconds(10), grace: .zero, memoryBytes: nil, outputBytes: nil))
            order.room = RoomOrder(
                readable: [], writable: [], covered: covered, inputs: [], folders: [directory.path],
                temporary: directory.path, network: false, processes: 16, hidden: hidden)
            let process = StepProcess(
                order: order, directory: directory.root, lock: directory.lock, forkServer: server, reports: nil,
                startPatience: Self.patience, onDelay: { _ in })
            switch process.run(cancellation, onLine: { _, _ in }) {
            case .exited(0): return nil
            case .noRoom(let reason), .shortage(let reason), .notStarted(let reason), .missingProgram(let reason):
                return reason
            case let exit: return "the sandbox that was tried ended: \(exit.word)"
            }
        } catch {
            return "\(error)"
        }
    }
}

/// The directory of a room that is only tried; goes with the last reference.
private final class ProbeDirectory {
    let root: Directory
    let lock: RunLock
    private let name: Directory.Name
    private let runs: Directory

    var path: String { root.path }

    init(in area: FilesArea) throws {
        runs = try area.runsDirectory()
        // A job's id never begins so.
        name = ".probe-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        root = try runs.makeDirectory(name)
        lock = try RunLock(making: root)
    }

    deinit { runs.remove(name) }
}
