import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// What there is at a moment, for Prometheus.
extension Daemon {
    /// Reads the gauges on the loop, and the outbox and the text elsewhere.
    func getMetrics(_ reply: @escaping Reply) {
        let now = clock.now
        disk.space().hop(to: loop).whenComplete { result in
            let (samples, registry) = self.assumeIsolated { daemon in
                (daemon.samples(space: (try? result.get()) ?? DiskSpace()), daemon.gauges.metrics.registry)
            }
            inBackground {
                let waiting = await self.outbox.pending().map { MetricSample.samples(of: $0, at: now) } ?? []
                let text = registry.text(with: samples + waiting + ProcessFigures.samples())
                reply(.success(ByteBuffer(bytes: JSONValue.object(["text": .string(text)]).bytes)))
            }
        }
    }

    private func samples(space: DiskSpace) -> [MetricSample] {
        let counts: [(String, Int64)] = [
            ("jobd_store_writable", committer.health.isWell ? 1 : 0),
            ("jobd_sandbox_working", isSandboxWorking ? 1 : 0),
            ("jobd_jobs_silent", Int64(gauges.silent.count(at: clock.now))),
            ("jobd_files", Int64(gauges.totals.files)), ("jobd_files_bytes", gauges.totals.fileBytes),
            ("jobd_store_log_bytes", Int64(store.logBytes)),
            ("jobd_storage_free_bytes", space.freeBytes), ("jobd_storage_size_bytes", space.totalBytes),
            ("jobd_control_connections", Int64(gauges.connectionCount)),
            ("jobd_watches", Int64(audience.watchCount)), ("jobd_waits", Int64(audience.waitCount)),
            ("jobd_fronts", Int64(gauges.fronts.count)),
            ("jobd_streams", gauges.fronts.values.reduce(0) { $0 + Int64($1.streams) }),
            ("jobd_uploads", gauges.fronts.values.reduce(0) { $0 + Int64($1.uploads) }),
            ("jobd_webhook_sender", outbox.assumeIsolated { $0.hasSender } ? 1 : 0),
        ]
        let version = MetricSample("jobd_build_info", 1, [("version", Build.version)])
        return [version] + samplesOfQueues + counts.map { MetricSample($0.0, $0.1) }
    }

    /// Those that are configured, and others that still have jobs.
    private var samplesOfQueues: [MetricSample] {
        var samples: [MetricSample] = []
        let widths = committer.map.rules.widths
        var names = Set(widths.keys)
        for (key, count) in gauges.totals.jobs where count != 0 { names.insert(key.queue) }
        for name in names.sorted() {
            for status in JobStatus.allCases {
                let count = gauges.totals.jobs[StoreTotals.Key(queue: name, status: status)] ?? 0
                samples.append(MetricSample("jobd_jobs", count, [("queue", name), ("status", status.rawValue)]))
            }
            let age = committer.map.firstQueuedAt(in: name).map { clock.now.milliseconds - $0.milliseconds } ?? 0
            samples.append(MetricSample("jobd_queue_oldest_seconds", max(0, age / 1000), [("queue", name)]))
            guard let width = widths[name] else { continue }
            samples.append(MetricSample("jobd_queue_width", width, [("queue", name)]))
            samples.append(MetricSample("jobd_queue_paused", gauges.isPaused(name) ? 1 : 0, [("queue", name)]))
        }
        return samples
    }
}

extension MetricSample {
    /// What waits for webhooks.
    static func samples(of pending: [WebhookName: PendingDeliveries?], at now: Timestamp) -> [MetricSample] {
        pending.sorted { $0.key < $1.key }.flatMap { name, waiting in
            let webhook = [("webhook", name.description)]
            return [
                MetricSample("jobd_webhook_pending", Int64(waiting?.count ?? 0), webhook),
                MetricSample("jobd_webhook_oldest_seconds", waiting?.age(at: now) ?? 0, webhook),
            ]
        }
    }
}

extension PendingDeliveries {
    /// In seconds.
    func age(at now: Timestamp) -> Int64 { max(0, (now.milliseconds - since.milliseconds) / 1000) }
}
