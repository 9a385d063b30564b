/// Why a job failed.
package struct JobFailure: Hashable, Sendable {
    /// One of jobd's own codes (``Code``), or the application's: `[a-z0-9-]{1,64}`.
    package let code: String
    /// A sentence for people.
    package let message: String
    /// The step that failed.
    package var step: String?
    /// For ``Code/exit``.
    package let exitCode: Int?
    /// For ``Code/signal``: its name, `SIGSEGV`.
    package let signal: String?
    /// Free text from below, such as the last lines that a program wrote.
    package let cause: String?

    /// The codes that jobd gives.
    package enum Code: String, Sendable {
        case exit, signal, timeout, silence
        case outputLimit = "output-limit"
        case memory
        case missingProgram = "missing-program"
        case rejected, lost
        /// An application was not heard of.
        case silent
        /// A job that it waited for did not end as it had to.
        case dependency
    }

    package init(
        code: String, message: String, step: String? = nil, exitCode: Int? = nil, signal: String? = nil,
        cause: String? = nil
    ) {
        self.code = code
        self.message = message
        self.step = step
        self.exitCode = exitCode
        self.signal = signal
        self.cause = cause
    }

    /// For a reason that jobd gives itself.
    package init(
        _ code: Code, message: String, step: String? = nil, exitCode: Int? = nil, signal: String? = nil,
        cause: String? = nil
    ) {
        self.init(
            code: code.rawValue, message: message, step: step, exitCode: exitCode, signal: signal, cause: cause)
    }
}
