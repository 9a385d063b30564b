import JobModel
import JobProcessing

/// What differs between two configurations, and whether a reload puts it in force.
extension Configuration {
    /// A key that is put in force one by one, and what a configuration has there.
    struct Key: Sendable {
        let path: String
        let value: @Sendable (Configuration) -> AnyHashable
    }

    /// What a reload puts in force, beside queues, pipelines, schedules and webhooks.
    static let reloadableKeys: [Key] = [
        Key(path: "limits.crashes") { $0.live.crashLimit }, Key(path: "limits.grace") { $0.live.grace },
        Key(path: "limits.applicationSilence") { $0.live.applicationSilence },
        Key(path: "limits.reconnect") { $0.live.reconnect },
        Key(path: "limits.timeout") { $0.live.stepLimits.timeout },
        Key(path: "limits.silence") { $0.live.stepLimits.silence },
        Key(path: "limits.cpuTime") { $0.live.stepLimits.cpuTime },
        Key(path: "limits.memoryBytes") { $0.live.stepLimits.memoryBytes },
        Key(path: "limits.outputBytes") { $0.live.stepLimits.outputBytes },
        Key(path: "limits.printedBytes") { $0.live.stepLimits.printedBytes },
        Key(path: "retention.ended") { $0.live.retention.ended },
        Key(path: "retention.pending") { $0.live.retention.pending },
        Key(path: "retention.unusedFiles") { $0.live.retention.unusedFiles },
        Key(path: "retention.unfinishedUploads") { $0.live.retention.unfinishedUploads },
        Key(path: "retention.completed") { $0.live.retention.completed },
        Key(path: "retention.failed") { $0.live.retention.failed },
        Key(path: "retention.cancelled") { $0.live.retention.cancelled },
        Key(path: "retention.maximumJobs") { $0.live.retention.maximumJobs },
        Key(path: "retention.maximumBytes") { $0.live.retention.maximumBytes },
        Key(path: "retention.tombstones") { $0.live.retention.tombstones },
        Key(path: "quota.owner.openJobs") { $0.live.quotas.owner.openJobs },
        Key(path: "quota.owner.storedBytes") { $0.live.quotas.owner.storedBytes },
        Key(path: "quota.owner.runningJobs") { $0.live.quotas.owner.runningJobs },
        Key(path: "quota.owner.uploads") { $0.live.quotas.owner.uploads },
        Key(path: "quota.owner.unfinishedUploads") { $0.live.quotas.owner.unfinishedUploads },
        Key(path: "quota.total.openJobs") { $0.live.quotas.total.openJobs },
        Key(path: "quota.total.storedBytes") { $0.live.quotas.total.storedBytes },
        Key(path: "quota.total.uploads") { $0.live.quotas.total.uploads },
        Key(path: "quota.total.unfinishedUploads") { $0.live.quotas.total.unfinishedUploads },
        Key(path: "log.level") { $0.live.logLevel },
    ]

    /// Keys that need a restart: those of `front` one of the fronts, the others one of the daemon.
    static let fixedKeys: [Key] = [
        Key(path: "storage.directory") { $0.storageDirectory },
        Key(path: "storage.minimumFreeBytes") { $0.minimumFreeBytes }, Key(path: "control.socket") { $0.controlSocket },
        Key(path: "front.socket") { $0.front.socket }, Key(path: "front.processes") { $0.front.processes },
        Key(path: "front.uploads") { $0.front.uploads }, Key(path: "front.maxUploadBytes") { $0.front.maxUploadBytes },
        Key(path: "front.allowedOrigins") { $0.front.allowedOrigins },
        Key(path: "front.uploadIdle") { $0.front.uploadIdle }, Key(path: "front.daemonWait") { $0.front.daemonWait },
        Key(path: "front.creationGrace") { $0.front.creationGrace },
        Key(path: "front.stopGrace") { $0.front.stopGrace }, Key(path: "front.trustsPeer") { $0.front.trustsPeer },
        Key(path: "access.anonymous") { $0.access.anonymous }, Key(path: "access.keysFile") { $0.access.keysFile },
        Key(path: "access.tokenLifetime") { $0.access.tokenLifetime }, Key(path: "access.audit") { $0.access.audit },
        Key(path: "front.allowCredentials") { $0.front.allowCredentials },
        Key(path: "sandbox.steps") { $0.sandbox.steps }, Key(path: "sandbox.units") { $0.sandbox.units },
    ]

    func reloadableDifferences(to other: Configuration) -> [String] {
        func names<Name: Hashable & CustomStringConvertible, Value: Equatable>(
            _ section: String, _ own: [Name: Value], _ others: [Name: Value]
        ) -> [String] {
            Set(own.keys).union(others.keys).filter { own[$0] != others[$0] }.map { "\(section).\($0)" }.sorted()
        }
        return names("queues", live.queues, other.live.queues)
            + names("pipelines", live.pipelines, other.live.pipelines)
            + names("schedules", live.schedules, other.live.schedules)
            + names("webhooks", live.webhooks, other.live.webhooks) + differences(to: other, in: Self.reloadableKeys)
    }

    func fixedDifferences(to other: Configuration) -> [String] { differences(to: other, in: Self.fixedKeys) }

    private func differences(to other: Configuration, in keys: [Key]) -> [String] {
        keys.filter { $0.value(self) != $0.value(other) }.map(\.path)
    }

    /// This configuration with everything of the other that needs no restart.
    func reloaded(from other: Configuration) -> Configuration {
        var configuration = self
        configuration.live = other.live
        return configuration
    }
}
