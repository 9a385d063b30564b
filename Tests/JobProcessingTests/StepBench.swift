import FoundationEssentials
import Glibc
import JobTesting

@testable import JobProcessing

/// Runs shell scripts as steps, each under a real supervisor in a directory of its own.
struct StepBench {
    struct End {
        var exit: StepExit
        var out: [String] = []
        var errors: [String] = []
    }

    let directory = TemporaryDirectory()
    let supervisor = BuiltPrograms.jobd

    /// Runs a script; `$1` is the bench's directory.
    func run(
        _ script: String, limits: StepLimits = StepLimits(), cancellation: Cancellation = Cancellation(),
        onLine: (String) -> Void = { _ in }
    ) -> End {
        run(
            command: ["sh", "-c", script, "sh", directory.path], limits: limits, cancellation: cancellation,
            onLine: onLine)
    }

    func run(
        command: [String], limits: StepLimits = StepLimits(), cancellation: Cancellation = Cancellation(),
        onLine: (String) -> Void = { _ in }
    ) -> End {
        let process = StepProcess(
            directory: directory.path, workDirectory: directory.path, command: command,
            environment: ["PATH": ProgramPath.standard, "LANG": "C.UTF-8"], limits: limits, supervisor: supervisor)
        var end = End(exit: .lost)
        end.exit = process.run(cancellation) { stream, line in
            switch stream {
            case .stdout: end.out.append(line)
            case .stderr: end.errors.append(line)
            }
            onLine(line)
        }
        return end
    }

    /// The numbers that a script has written into a file of the bench, one on a line.
    func numbers(in file: String) -> [Int32] {
        let text = try? String(contentsOfFile: directory.appending(file), encoding: .utf8)
        return (text ?? "").split(separator: "\n").compactMap { Int32($0) }
    }
}

/// Whether a process runs; a zombie does not.
func isRunning(_ process: Int32) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
    return !["Z", "X"].contains(status.split(separator: ")").last?.split(separator: " ").first)
}
