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
            "draining": .bool(isDraining),
            "jobs": counts,
            "queues": queues["queues"] ?? [],
            "connections": JSONValue(connectionCount),
            "storage": ["freeBytes": JSONValue(freeBytes), "writable": .bool(isStoreWell)],
        ]
    }

    func stats(freeBytes: Int64) -> JSONValue {
        [
            "counts": counts, "queues": queues["queues"] ?? [],
            "storage": [
                "files": JSONValue(totals.files), "bytes": JSONValue(totals.fileBytes),
                "freeBytes": JSONValue(freeBytes),
            ],
            "streams": JSONValue(fronts.values.reduce(0) { $0 + $1.streams }),
            "minutes": statistics.json(at: clock.now),
        ]
    }

    /// Jobs in each state.
    private var counts: JSONValue {
        .object(
            JSONObject(
                JobStatus.allCases.map { status in
                    .init(key: status.rawValue, value: JSONValue(totals.count(of: status)))
                }))
    }

    var queues: JSONValue {
        ["queues": .array(map.queueNames.map(summary(ofQueue:)))]
    }

    func summary(ofQueue name: String) -> JSONValue {
        let queue = map.queue(name)
        return [
            "name": .string(name), "width": JSONValue(map.width(of: name)), "running": JSONValue(queue.running),
            "queued": JSONValue(queue.queued), "paused": .bool(queue.isPaused),
        ]
    }
}
