import JobModel

extension StepExit {
    /// The exit as people see it; it is none that succeeded.
    func failure(_ run: StepRun, program: String, cause: String?) -> JobFailure {
        let name = run.file.map { " (\($0.name))" } ?? ""
        func failure(
            _ code: JobFailure.Code, _ what: String, exitCode: Int? = nil, signal: String? = nil
        ) -> JobFailure {
            JobFailure(
                code, message: Text.limited("\(run.step.title)\(name): \(program) \(what)."), step: run.step.name,
                exitCode: exitCode, signal: signal, cause: cause)
        }
        return switch self {
        case .exited(let code): failure(.exit, "ended with the exit code \(code)", exitCode: Int(code))
        case .signalled(let name): failure(.signal, "was ended by \(name)", signal: name)
        case .timeout: failure(.timeout, "took longer than it may")
        case .silence: failure(.silence, "was silent for longer than it may be")
        case .outputLimit: failure(.outputLimit, "wrote more than it may")
        case .memory: failure(.memory, "needed more memory than it may have")
        case .missingProgram: failure(.missingProgram, "is not installed, or cannot be executed")
        case .cancelled(killed: false): failure(.signal, "was stopped on request", signal: "SIGTERM")
        case .cancelled(killed: true):
            failure(.signal, "did not stop on request, and was killed", signal: "SIGKILL")
        case .notStarted(let reason): failure(.lost, "could not be started: \(reason)")
        case .lost: failure(.lost, "ended without saying how")
        }
    }
}
