import Glibc
import JobSystem

/// How a step's process came to its end.
package enum StepExit: Hashable, Sendable {
    case exited(code: CInt)
    /// By the signal of this name, `SIGSEGV`.
    case signalled(String)
    case timeout
    case silence
    case outputLimit
    case memory
    /// It had more processes and threads at once than a step may have.
    case processLimit
    /// Its processes had more open at once than those of a step may have.
    case descriptorLimit
    /// The program does not exist or cannot be executed.
    case missingProgram(reason: String)
    /// It was told to stop; `killed` when that needed SIGKILL.
    case cancelled(killed: Bool)
    /// A system call failed on the way to the program; nothing of the step has run.
    case notStarted(reason: String)
    /// Its room could not be made; nothing of the step has run.
    case noRoom(reason: String)
    /// The machine had no process, descriptor or memory left at that moment; nothing of the step has run.
    case shortage(reason: String)
    /// Its supervisor did not say how; nothing of the step is left.
    case lost

    /// The word that the supervisor writes to the daemon, on one line.
    var word: String {
        switch self {
        case .exited(let code): "exited \(code)"
        case .signalled(let name): "signalled \(name)"
        case .timeout: "timeout"
        case .silence: "silence"
        case .outputLimit: "output-limit"
        case .memory: "memory"
        case .processLimit: "process-limit"
        case .descriptorLimit: "descriptor-limit"
        case .missingProgram(let reason): "missing-program \(reason)"
        case .cancelled(let killed): "cancelled \(killed ? "killed" : "stopped")"
        case .notStarted(let reason): "not-started \(reason)"
        case .noRoom(let reason): "no-room \(reason)"
        case .shortage(let reason): "shortage \(reason)"
        case .lost: "lost"
        }
    }

    /// Why a step was not started.
    init(_ error: SystemError) {
        if error.call == "execve", !error.isShortage {
            self = .missingProgram(reason: error.reason)
        } else {
            self = error.isShortage ? .shortage(reason: "\(error)") : .notStarted(reason: "\(error)")
        }
    }

    /// How a command ended that nobody ended.
    ///
    /// - Parameters:
    ///   - status: As of wait(2).
    ///   - isNearMemory: Whether a failure is one for want of memory.
    init(status: CInt, isNearMemory: Bool) {
        let signal = status & 0x7F
        self =
            switch signal {
            case 0 where status == 0: .exited(code: 0)
            case _ where isNearMemory: .memory
            case 0: .exited(code: status >> 8 & 0xFF)
            case SIGXFSZ: .outputLimit
            case SIGXCPU: .timeout
            default: .signalled(SignalName.of(signal))
            }
    }

    /// Reads the word; what cannot be read is ``lost``.
    init(word: String) {
        let parts = word.split(separator: " ", maxSplits: 1).map(String.init)
        let rest = parts.count > 1 ? parts[1] : ""
        switch parts.first {
        case "exited": self = CInt(rest).map { .exited(code: $0) } ?? .lost
        case "signalled": self = .signalled(rest)
        case "timeout": self = .timeout
        case "silence": self = .silence
        case "output-limit": self = .outputLimit
        case "memory": self = .memory
        case "process-limit": self = .processLimit
        case "descriptor-limit": self = .descriptorLimit
        case "missing-program": self = .missingProgram(reason: rest)
        case "not-started": self = .notStarted(reason: rest)
        case "no-room": self = .noRoom(reason: rest)
        case "shortage": self = .shortage(reason: rest)
        case "cancelled": self = .cancelled(killed: rest == "killed")
        default: self = .lost
        }
    }
}

/// The names of signals.
enum SignalName {
    private static let names: [CInt: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE",
        9: "SIGKILL", 10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
        16: "SIGSTKFLT", 17: "SIGCHLD", 18: "SIGCONT", 19: "SIGSTOP", 20: "SIGTSTP", 21: "SIGTTIN", 22: "SIGTTOU",
        23: "SIGURG", 24: "SIGXCPU", 25: "SIGXFSZ", 26: "SIGVTALRM", 27: "SIGPROF", 28: "SIGWINCH", 29: "SIGIO",
        30: "SIGPWR", 31: "SIGSYS",
    ]

    static func of(_ signal: CInt) -> String { names[signal] ?? "SIG\(signal)" }
}
