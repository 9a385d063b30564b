/// The command line of `jobd step-exec`: `OPTION=VALUE… -- PROGRAM ARGUMENT…`.
///
/// The daemon writes it and the supervisor reads it; both are this file. Spans are in milliseconds, sizes in bytes.
struct StepExecArguments: Hashable {
    /// The run's directory: holds `lock`, and everything that the step writes.
    var directory: String
    /// Where the command starts.
    var workDirectory: String
    var limits: StepLimits
    var command: [String]

    var words: [String] {
        var words = [
            "directory=\(directory)", "work-directory=\(workDirectory)", "grace=\(limits.grace.milliseconds)",
        ]
        if let timeout = limits.timeout { words.append("timeout=\(timeout.milliseconds)") }
        if let memory = limits.memoryBytes { words.append("memory=\(memory)") }
        if let cpu = limits.cpu { words.append("cpu=\(cpu.milliseconds)") }
        if let output = limits.outputBytes { words.append("output=\(output)") }
        return words + ["--"] + command
    }

    init(directory: String, workDirectory: String, limits: StepLimits, command: [String]) {
        self.directory = directory
        self.workDirectory = workDirectory
        self.limits = limits
        self.command = command
    }

    /// Nil when the words are not what ``words`` writes.
    init?(words: [String]) {
        guard let end = words.firstIndex(of: "--"), end + 1 < words.count else { return nil }
        var values: [String: String] = [:]
        for word in words[..<end] {
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            values[parts[0]] = parts[1]
        }
        func span(_ key: String) -> Duration? { values[key].flatMap { Int64($0) }.map { .milliseconds($0) } }
        guard let directory = values["directory"], let workDirectory = values["work-directory"],
            let grace = span("grace")
        else { return nil }
        self.directory = directory
        self.workDirectory = workDirectory
        limits = StepLimits(
            timeout: span("timeout"), grace: grace, memoryBytes: values["memory"].flatMap { Int64($0) },
            cpu: span("cpu"), outputBytes: values["output"].flatMap { Int64($0) })
        command = Array(words[(end + 1)...])
    }
}

extension Duration {
    /// Whole milliseconds; the ends of the range instead of an overflow.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled &+ attoseconds / 1_000_000_000_000_000
    }
}
