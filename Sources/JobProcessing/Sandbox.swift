import Dispatch
import Glibc
package import JobFiles
import JobSystem
package import Logging
import Synchronization

/// Whether steps run in rooms, and whether rooms can be made.
///
/// It fails closed: while no room can be made, no step is to run, and it looks again from time to time. Methods may be called
/// from any thread.
package final class Sandbox: Sendable {
    package enum Steps: String, CaseIterable, Sendable {
        /// Each in a room of its own, or not at all.
        case on
        /// As the process that forks them: it may whatever that one may.
        case off
        /// In a room where one can be made when the daemon starts, else as if off.
        case auto
    }

    /// What is known of it.
    package enum State: Hashable, Sendable {
        case off
        case working
        case failing(reason: String)
    }

    private struct Known {
        var state: State
        /// Whether a look is to come.
        var isLookAhead = false
        var tell: @Sendable () -> Void = {}
    }

    /// Between looks while no room can be made, in seconds.
    private static let pause = 2

    private let steps: Steps
    private let probe: RoomProbe
    /// The daemon's own, of which a room shows nothing but the run's folders, whatever a step may read.
    private let covered: [String]
    private let logger: Logger
    private let known: Mutex<Known>
    /// Where units listen that run the steps; nil: they are run by children of this process.
    private let units: String?
    /// For steps that want nothing more than every step has, and for the others.
    private let plain: ForkServer
    private let open: ForkServer

    /// - Parameters:
    ///   - steps: What was asked for.
    ///   - area: Where runs have their directories.
    ///   - hidden: The daemon's own files and sockets, of which a room must show none.
    ///   - covering: What is empty in a room even when a step may read a folder above it.
    ///   - executable: The one that has `step-exec`.
    ///   - units: The directory with the sockets of the units that run the steps; nil has the executable started.
    ///   - logger: For what concerns no job.
    package init(
        _ steps: Steps, in area: FilesArea, hiding hidden: [String], covering: [String], executable: String,
        units: String? = nil, logger: Logger
    ) {
        self.steps = steps
        // A step that may read a folder above one of them sees it under its own path, whatever link leads to it.
        covered = covering.flatMap { path in
            let own = realpath(path, nil)
            defer { free(own) }
            return Set([path] + (own.map { [String(cString: $0)] } ?? []))
        }
        probe = RoomProbe(area: area, hidden: hidden, covered: covered)
        self.logger = logger
        known = Mutex(Known(state: steps == .off ? .off : .working))
        self.units = units
        if let units {
            plain = ForkServer(.unit(socket: "\(units)/\(Self.plainSocket)"))
            open = ForkServer(.unit(socket: "\(units)/\(Self.openSocket)"))
        } else {
            plain = ForkServer(.steps(executable: executable, hasNetwork: false))
            open = ForkServer(.steps(executable: executable))
        }
    }

    /// The sockets of the units, by their names.
    package static let plainSocket = "steps.sock"
    package static let openSocket = "steps-open.sock"

    /// What to do where no room can be made.
    private var advice: String {
        (units == nil ? "look at " : "look at systemctl status jobd-steps jobd-steps-open, at ")
            + "user.max_user_namespaces, and at what keeps users from making namespaces "
            + "(kernel.unprivileged_userns_clone, AppArmor)"
    }

    package var state: State { known.withLock(\.state) }

    /// Whether the kernel holds each step to its memory, in a control group of its own; else its room does, which watches it.
    package var hasGroups: Bool { [plain, open].allSatisfy { $0.greeting == StepExec.hasGroups } }

    /// Whether no step is to run, since no room can be made.
    package var isBroken: Bool { if case .failing = state { true } else { false } }

    /// Names who hears, on any thread, that ``state`` has changed.
    package func connect(to tell: @escaping @Sendable () -> Void) { known.withLock { $0.tell = tell } }

    /// Has the process started that steps are forked from, so that no step has to wait for it; a unit starts with the first look.
    func warmUp() { if units == nil { forkServer(for: StepRoom()).warmUp() } }

    /// The process from which a step's supervisor is forked.
    func forkServer(for room: StepRoom) -> ForkServer {
        state == .off || room != StepRoom() ? open : plain
    }

    /// The room of a step; nil for none.
    func room(for step: StepRoom, in run: RunDirectory) -> RoomOrder? {
        guard state != .off else { return nil }
        return RoomOrder(
            readable: step.readable, writable: step.write, covered: covered,
            inputs: [run.inputs.directory?.path, run.metadata].compactMap(\.self),
            folders: [run.work, run.temporary, "\(run.path)/reports"] + run.allOutputs.map(\.path),
            temporary: run.temporary, network: step.network, processes: RoomOrder.usualProcesses)
    }

    /// Looks whether rooms can be made, and blocks until that is known; comes before the first step.
    package func start() {
        if steps == .off {
            logger.warning(
                units == nil
                    ? "steps run without a sandbox: each can do what the daemon can (sandbox.steps = \"off\")"
                    : "steps run without a sandbox: each can do what jobd-steps-open.service can (sandbox.steps = \"off\")"
            )
        } else if steps == .auto, let reason = problem() {
            known.withLock { $0.state = .off }
            logger.warning(
                "steps run without a sandbox, since none can be made here", metadata: ["reason": "\(reason)"])
        } else {
            look()
        }
    }

    /// Makes a room that looks around itself, and blocks until it has; looks again later while none can be made.
    func look() {
        guard state != .off else { return }
        let state = problem().map { State.failing(reason: $0) } ?? .working
        let (before, tell) = known.withLock { known in
            defer { known.state = state }
            return (known.state, known.tell)
        }
        if isBroken { lookLater() }
        guard before != state else { return }
        switch state {
        case .failing(let reason):
            logger.error(
                "no step runs, since no sandbox can be made for it; \(advice)", metadata: ["reason": "\(reason)"])
        case .working: logger.notice("sandboxes for steps can be made")
        case .off: break
        }
        tell()
    }

    private func problem() -> String? { probe.problem(with: units == nil ? [plain] : [plain, open]) }

    private func lookLater() {
        let isFirst = known.withLock { known in
            defer { known.isLookAhead = true }
            return !known.isLookAhead
        }
        guard isFirst else { return }
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.pause)) { [weak self] in
            guard let self else { return }
            known.withLock { $0.isLookAhead = false }
            look()
        }
    }
}
