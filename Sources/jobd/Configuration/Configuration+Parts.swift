import Glibc
import JobFront
import JobModel
import JobProcessing

// The configuration as each part wants it.

extension Configuration {
    /// What the map knows of it.
    var rules: Rules {
        Rules(
            widths: queues.mapValues { $0.width ?? Self.usualWidth },
            pipelines: pipelines.mapValues {
                Rules.Pipeline(
                    queue: $0.queue, work: $0.work, runsPrograms: $0.runsPrograms, maxAttempts: $0.maxAttempts,
                    retryDelay: $0.retryDelay,
                    maximumRetryDelay: $0.maximumRetryDelay, createdBy: $0.createdBy, timeouts: $0.timeLimits,
                    retention: $0.retention)
            },
            crashLimit: crashLimit,
            retention: Rules.Retention(
                ended: retention.ended, pending: retention.pending, unusedFiles: retention.unusedFiles,
                completed: retention.completed, failed: retention.failed, cancelled: retention.cancelled,
                maximumJobs: retention.maximumJobs, maximumBytes: retention.maximumBytes,
                tombstones: retention.tombstones, unfinishedUploads: retention.unfinishedUploads),
            applicationSilence: applicationSilence, reconnect: reconnect,
            sharing: queues.mapValues { Rules.Sharing(fair: $0.fair, perKey: $0.perKey) }, quotas: quotas,
            webhooks: webhooks, schedules: schedules)
    }

    /// What the processing knows of it.
    var processing: [String: Pipeline] {
        pipelines.mapValues { settings in
            Pipeline(
                steps: settings.steps.map { $0.step(others: stepLimits, grace: grace) }, timeout: settings.timeout)
        }
    }

    /// What a front knows of it.
    var forFront: FrontConfiguration {
        FrontConfiguration(
            controlSocket: Door.front.path(beside: controlSocket), storageDirectory: storageDirectory,
            maximumUploads: front.uploads, maximumUploadBytes: front.maxUploadBytes, minimumFreeBytes: minimumFreeBytes,
            uploadIdleTimeout: front.uploadIdle, allowedOrigins: front.allowedOrigins ?? [],
            daemonWait: front.daemonWait, creationGrace: front.creationGrace,
            stopGrace: front.stopGrace, trustsPeer: front.trustsPeer,
            anonymous: access.anonymous, allowCredentials: front.allowCredentials)
    }

    private static var usualWidth: Int { max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

extension PipelineSettings {
    fileprivate var runsPrograms: Bool {
        steps.contains { settings in
            if case .command = settings.step.action { true } else { false }
        }
    }

    /// All of them, that of a run too.
    fileprivate var timeLimits: TimeLimits {
        var limits = timeouts
        limits.running = timeout
        return limits
    }
}

extension StepSettings {
    /// The step as the processing runs it.
    fileprivate func step(others: LimitSettings, grace: Duration) -> Step {
        let limits = limits.over(others)
        var step = step
        step.limits = StepLimits(
            timeout: limits.timeout, silence: limits.silence, grace: grace,
            memoryBytes: limits.memoryBytes, cpu: limits.cpuTime, outputBytes: limits.outputBytes,
            printedBytes: limits.printedBytes ?? StepLimits.usual.printedBytes)
        return step
    }
}
