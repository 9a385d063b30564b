/// What the exit codes of a step's command mean.
package struct StepExits: Hashable, Sendable {
    /// Those that mean success.
    package var allowed: Set<CInt>
    /// Those after which trying the job again cannot help.
    package var permanent: Set<CInt>
    /// What people are told when the command ends with one of these.
    package var messages: [CInt: String]
    /// The code of the failure when the command ends with one of these.
    package var codes: [CInt: String]

    package init(
        allowed: Set<CInt> = [0], permanent: Set<CInt> = [], messages: [CInt: String] = [:],
        codes: [CInt: String] = [:]
    ) {
        self.allowed = allowed
        self.permanent = permanent
        self.messages = messages
        self.codes = codes
    }
}
