import Glibc
import JobFront
import JobModel
import JobProcessing
import JobSystem

// The configuration as each part wants it.

extension Configuration {
    /// What the map knows of it.
    var rules: Rules {
        Rules(
            widths: live.queues.mapValues { $0.width ?? Self.usualWidth },
            pipelines: live.pipelines.mapValues {
                Rules.Pipeline(
                    queue: $0.queue, work: $0.work, runsPrograms: $0.runsPrograms,
                    opening: $0.steps.first?.step.opening, maxAttempts: $0.maxAttempts, retryDelay: $0.retryDelay,
                    maximumRetryDelay: $0.maximumRetryDelay, createdBy: $0.createdBy, timeouts: $0.timeLimits,
                    retention: $0.retention)
            },
            crashLimit: live.crashLimit,
            retention: Rules.Retention(
                ended: live.retention.ended, pending: live.retention.pending, unusedFiles: live.retention.unusedFiles,
                completed: live.retention.completed, failed: live.retention.failed, cancelled: live.retention.cancelled,
                maximumJobs: live.retention.maximumJobs, maximumBytes: live.retention.maximumBytes,
                tombstones: live.retention.tombstones, unfinishedUploads: live.retention.unfinishedUploads),
            applicationSilence: live.applicationSilence, reconnect: live.reconnect,
            sharing: live.queues.mapValues { Rules.Sharing(fair: $0.fair, perKey: $0.perKey) }, quotas: live.quotas,
            webhooks: live.webhooks, schedules: live.schedules)
    }

    /// What the processing knows of it.
    var processing: [String: Pipeline] {
        live.pipelines.mapValues { settings in
            Pipeline(
                steps: settings.steps.map { $0.step(others: live.stepLimits, grace: live.grace) },
                timeout: settings.timeout)
        }
    }

    /// What a front knows of it.
    var forFront: FrontConfiguration {
        var settings = FrontConfiguration(
            controlSocket: Door.front.path(beside: controlSocket), storageDirectory: storageDirectory,
            executable: ProgramPath.itself)
        settings.uploads.maximumCount = front.uploads
        settings.uploads.maximumBytes = front.maxUploadBytes
        settings.uploads.minimumFreeBytes = minimumFreeBytes
        settings.uploads.idleTimeout = front.uploadIdle
        settings.access.allowedOrigins = front.allowedOrigins ?? []
        settings.access.allowCredentials = front.allowCredentials
        settings.access.trustsPeer = front.trustsPeer
        settings.access.anonymous = access.anonymous
        settings.daemonWait = front.daemonWait
        settings.creationGrace = front.creationGrace
        settings.stopGrace = front.stopGrace
        return settings
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
