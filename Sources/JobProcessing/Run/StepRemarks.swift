import Glibc
import JobModel

/// What a command has said that matters when it fails.
struct StepRemarks {
    /// How many of its last lines are the cause of its failure.
    private static let lineCount = 10

    /// Its last `::error`.
    var sentence: String?
    /// Its last `::retry-after`.
    var retryAfter: Duration?
    /// Which limit of time it broke.
    var limit: String?
    private var printed: [String] = []
    private var complaints: [String] = []

    mutating func note(_ line: String, from stream: StepProcess.Stream) {
        switch stream {
        case .stdout: Self.add(line, to: &printed)
        case .stderr: Self.add(line, to: &complaints)
        case .reports: break
        }
    }

    private static func add(_ line: String, to lines: inout [String]) {
        if lines.count == lineCount { lines.removeFirst() }
        lines.append(line)
    }

    /// The limit that it broke, and the end of what it wrote on its standard error, or else of what it printed.
    var cause: String? { Text.cause(complaints.isEmpty ? printed : complaints, after: limit) }

    /// What an exit was, where its code does not say it and the step does not say what its code means.
    ///
    /// A shell hands on a signal that ended its last command as 128 and the signal's number. A request for memory that is
    /// refused is not a signal: each runtime has its own words for it.
    func corrected(_ exit: StepExit, of step: Step) -> StepExit {
        switch exit {
        case .exited(let code) where step.exits.messages[code] != nil || step.exits.codes[code] != nil: return exit
        case .exited(128 + SIGXCPU) where step.limits.cpu != nil: return .timeout
        case .exited(128 + SIGXFSZ) where step.limits.outputBytes != nil: return .outputLimit
        case .exited, .signalled("SIGABRT"): break
        default: return exit
        }
        let isShort = (complaints + printed).contains { line in Self.wordsForNoMemory.contains { line.contains($0) } }
        return isShort && step.limits.memoryBytes != nil ? .memory : exit
    }

    private static let wordsForNoMemory = [
        "Could not reserve enough space", "Could not allocate", "could not allocate memory", "annot allocate memory",
        "ut of memory", "OutOfMemoryError", "MemoryError", "std::bad_alloc", "NoMemoryError", "memory exhausted",
        "Insufficient memory", "insufficient memory",
    ]
}
