import Glibc
import JSON
import JobModel
import JobStorage
import JobWire

/// What the daemon says of itself.
extension Daemon {
    func status(freeBytes: Int64) -> JSONValue {
        [
            "version": .string(Build.version), "pid": JSONValue(getpid()),
            "uptimeSeconds": JSONValue((clock.now.milliseconds - startedAt.milliseconds) / 1000),
            "draining": .bool(isDraining || committer.map.isDrained),
            "jobs": gauges.counts,
            "queues": gauges.queues(committer.map.rules),
            "connections": JSONValue(gauges.connectionCount),
            "storage": ["freeBytes": JSONValue(freeBytes), "writable": .bool(committer.health.isWell)],
            "sandbox": sandbox,
        ]
    }

    /// Whether no room can be made for steps.
    var isSandboxBroken: Bool { if case .failing = runner.walls { true } else { false } }

    private var sandbox: JSONValue {
        switch runner.walls {
        case .off: ["steps": "off"]
        case .working: ["steps": "on", "working": true]
        case .failing(let reason): ["steps": "on", "working": false, "reason": .string(reason)]
        }
    }

    func stats(freeBytes: Int64) -> JSONValue {
        [
            "counts": gauges.counts, "silent": JSONValue(gauges.silent.count(at: clock.now)),
            "queues": gauges.queues(committer.map.rules),
            "storage": [
                "files": JSONValue(gauges.totals.files), "bytes": JSONValue(gauges.totals.fileBytes),
                "freeBytes": JSONValue(freeBytes),
            ],
            "streams": JSONValue(gauges.fronts.values.reduce(0) { $0 + $1.streams }),
            "minutes": gauges.statistics.json(at: clock.now),
        ]
    }
}
