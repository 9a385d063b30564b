/// How far one step may go; nil means no limit.
package struct StepLimits: Hashable, Sendable {
    /// For the whole step, by the clock.
    package var timeout: Duration?
    /// Without a byte of output, words such as progress included.
    package var silence: Duration?
    /// Between being told to stop (SIGTERM) and being killed (SIGKILL).
    package var grace: Duration
    /// Address space of each process.
    package var memoryBytes: Int64?
    /// CPU time of each process.
    package var cpu: Duration?
    /// Everything that the step writes into its directory.
    package var outputBytes: Int64?
    /// What it may print.
    package var printedBytes: Int64

    package static let usual = StepLimits()

    package init(
        timeout: Duration? = nil, silence: Duration? = nil, grace: Duration = .seconds(5),
        memoryBytes: Int64? = 2 << 30, cpu: Duration? = .seconds(300), outputBytes: Int64? = 4 << 30,
        printedBytes: Int64 = 64 << 20
    ) {
        self.timeout = timeout
        self.silence = silence
        self.grace = grace
        self.memoryBytes = memoryBytes
        self.cpu = cpu
        self.outputBytes = outputBytes
        self.printedBytes = printedBytes
    }
}
