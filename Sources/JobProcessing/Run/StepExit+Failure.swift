import JobModel

extension StepExit {
    /// The exit as people see it; it has not succeeded.
    func failure(_ run: StepRun, program: String, _ remarks: StepRemarks) -> JobFailure {
        JobFailure(
            code: code(for: run.step), message: Text.limited(message(for: run, program: program, remarks)),
            step: run.step.name, exitCode: exitCode.map { Int($0) }, signal: signal, cause: cause ?? remarks.cause)
    }

    private func code(for step: Step) -> String {
        if case .exited(let code) = self, let given = step.exits.codes[code] { return given }
        let code: JobFailure.Code =
            switch self {
            case .exited: .exit
            case .signalled, .cancelled, .processLimit, .descriptorLimit: .signal
            case .timeout: .timeout
            case .silence: .silence
            case .outputLimit: .outputLimit
            case .memory: .memory
            case .missingProgram: .missingProgram
            case .notStarted, .noRoom: .rejected
            case .shortage, .lost: .lost
            }
        return code.rawValue
    }

    private var exitCode: CInt? { if case .exited(let code) = self { code } else { nil } }

    private var signal: String? {
        switch self {
        case .signalled(let name): name
        case .cancelled(let killed): killed ? "SIGKILL" : "SIGTERM"
        case .processLimit, .descriptorLimit: "SIGKILL"
        case .exited, .timeout, .silence, .outputLimit, .memory, .missingProgram, .notStarted, .shortage, .noRoom,
            .lost:
            nil
        }
    }

    /// What the system said, where the command said nothing.
    private var cause: String? {
        switch self {
        case .notStarted(let reason), .shortage(let reason), .noRoom(let reason): reason
        case .missingProgram(let reason): reason.isEmpty ? nil : reason
        case .exited, .signalled, .timeout, .silence, .outputLimit, .memory, .processLimit, .descriptorLimit,
            .cancelled, .lost:
            nil
        }
    }

    /// A sentence of the step's own, or else what happened and what to do.
    private func message(for run: StepRun, program: String, _ remarks: StepRemarks) -> String {
        if let own = ownMessage(of: run.step, remarks) {
            return run.isOneOfSeveral ? "\(run.file?.name ?? ""): \(own)" : own
        }
        let name = run.file.map { " (\($0.name))" } ?? ""
        return "\(run.step.title)\(name) \(story(program, run.step.limits))"
    }

    private func ownMessage(of step: Step, _ remarks: StepRemarks) -> String? {
        switch self {
        case .exited(let code): remarks.sentence ?? step.exits.messages[code]
        case .signalled, .timeout, .silence, .outputLimit, .memory, .processLimit, .descriptorLimit: remarks.sentence
        case .cancelled, .missingProgram, .notStarted, .shortage, .noRoom, .lost: nil
        }
    }

    private func story(_ program: String, _ limits: StepLimits) -> String {
        let operatorsTurn = "If it happens again, tell the operator of this service."
        return switch self {
        case .exited(let code):
            "did not work (exit code \(code)). Check the file, then try again. \(operatorsTurn)"
        case .signalled(let name):
            "crashed (\(name)). The file may be damaged: check it, then try again. \(operatorsTurn)"
        case .timeout: "took longer than it may, and was stopped. Try a smaller or simpler file. \(operatorsTurn)"
        case .silence: "gave no sign for longer than it may, and was stopped. Try again. \(operatorsTurn)"
        case .outputLimit: "wrote more than it may, and was stopped. Try a smaller file. \(operatorsTurn)"
        case .memory:
            "needed more memory than it may have\(Self.limit(limits.memoryBytes)). Try a smaller file, or ask the operator "
                + "of this service to raise memoryBytes."
        case .processLimit: "started more processes than it may, and was stopped. \(operatorsTurn)"
        case .descriptorLimit: "had more files open at once than it may, and was stopped. \(operatorsTurn)"
        case .missingProgram:
            "did not run: \(program) is not installed, or cannot be executed. Tell the operator of this service."
        case .cancelled(killed: false): "was stopped on request."
        case .cancelled(killed: true): "did not stop on request, and was killed."
        case .notStarted: "could not be started. Try again. \(operatorsTurn)"
        case .noRoom: "did not run: its sandbox cannot be made. Tell the operator of this service."
        case .shortage: "could not start, because the server is short of resources. Try again later."
        case .lost: "was ended by something outside of this service. Try again. \(operatorsTurn)"
        }
    }

    private static func limit(_ bytes: Int64?) -> String { bytes.map { " (memoryBytes = \($0))" } ?? "" }
}
