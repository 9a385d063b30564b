import JobModel

extension StepExit {
    /// The failure as people see it; the exit is one that failed.
    func failure(_ step: Step, _ template: CommandTemplate, cause: String?) -> JobFailure {
        let program = template.program
        func failure(
            _ code: JobFailure.Code, _ what: String, exitCode: Int? = nil, signal: String? = nil
        ) -> JobFailure {
            JobFailure(
                code, message: Text.limited("\(step.title): \(program) \(what)."), step: step.name, exitCode: exitCode,
                signal: signal, cause: cause)
        }
        return switch self {
        case .exited(let code): failure(.exit, "ended with the exit code \(code)", exitCode: Int(code))
        case .signalled(let name): failure(.signal, "was ended by \(name)", signal: name)
        case .timeout: failure(.timeout, "took longer than it may")
        case .silence: failure(.silence, "was silent for longer than it may be")
        case .outputLimit: failure(.outputLimit, "wrote more than it may")
        case .memory: failure(.memory, "needed more memory than it may have")
        case .missingProgram: failure(.missingProgram, "is not installed, or cannot be executed")
        case .cancelled: failure(.lost, "was stopped")
        case .lost: failure(.lost, "ended without saying how")
        }
    }
}
