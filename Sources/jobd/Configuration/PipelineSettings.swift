import JobModel
import JobProcessing

/// What happens to the files of a job, as the configuration writes it.
struct PipelineSettings: Hashable, Sendable {
    var queue = "default"
    /// Who runs its jobs.
    var work = Rules.Pipeline.Work.jobd
    var maxAttempts = 1
    /// Before the second attempt; doubles with each further one.
    var retryDelay = Duration.seconds(5)
    var maximumRetryDelay = Duration.hours(1)
    /// The most time for all steps of one attempt together; nil: no limit.
    var timeout: Duration?
    /// Who may make its jobs.
    var createdBy = Rules.Creators.anybody
    /// How long parts of a job's life may take; a run's is ``timeout``.
    var timeouts = TimeLimits()
    /// How long its jobs stay after their end; nil: as all others.
    var retention: Duration?
    var steps: [StepSettings] = []
}

/// One step of a pipeline, as the configuration writes it.
struct StepSettings: Hashable, Sendable {
    /// Its limits are those of ``limits``, or else what holds for every step.
    var step: Step
    var limits = LimitSettings()
}

/// How far a step may go; nil: what holds for every step.
struct LimitSettings: Hashable, Sendable {
    var timeout: Duration?
    var silence: Duration?
    var cpuTime: Duration?
    var memoryBytes: Int64?
    var outputBytes: Int64?
    var printedBytes: Int64?

    static let usual = LimitSettings(
        cpuTime: StepLimits.usual.cpu, memoryBytes: StepLimits.usual.memoryBytes,
        outputBytes: StepLimits.usual.outputBytes,
        printedBytes: StepLimits.usual.printedBytes)

    /// These limits, and others where these say nothing.
    func over(_ others: LimitSettings) -> LimitSettings {
        LimitSettings(
            timeout: timeout ?? others.timeout, silence: silence ?? others.silence, cpuTime: cpuTime ?? others.cpuTime,
            memoryBytes: memoryBytes ?? others.memoryBytes, outputBytes: outputBytes ?? others.outputBytes,
            printedBytes: printedBytes ?? others.printedBytes)
    }
}
