import Glibc
import JobModel
import JobWire

/// What the daemon says of itself.
extension Daemon {
    /// The version of this daemon and of `jobctl`.
    package static let version = "0.1.0"

    var status: JSONValue {
        [
            "version": .string(Self.version), "pid": JSONValue(getpid()),
            "uptimeSeconds": JSONValue((clock.now.milliseconds - startedAt.milliseconds) / 1000),
            "draining": .bool(isDraining),
            "jobs": .object(
                JSONObject(
                    JobStatus.allCases.map { status in
                        .init(key: status.rawValue, value: JSONValue(image.counts[status] ?? 0))
                    })),
            "queues": queues["queues"] ?? [],
            "connections": JSONValue(connectionCount),
            "storage": ["freeBytes": JSONValue(disk.freeBytes()), "writable": .bool(isStoreWell)],
        ]
    }

    var queues: JSONValue {
        ["queues": .array(map.rules.widths.keys.sorted().map(summary(ofQueue:)))]
    }

    func summary(ofQueue name: String) -> JSONValue {
        let queue = map.queue(name)
        return [
            "name": .string(name), "width": JSONValue(map.rules.widths[name] ?? 1), "running": JSONValue(queue.running),
            "queued": JSONValue(queue.queued), "paused": .bool(queue.isPaused),
        ]
    }
}

extension Method {
    /// The protocol for machines: the methods' names; what they take is in the protocol page.
    static var openRPC: JSONValue {
        [
            "openrpc": "1.3.2",
            "info": ["title": "jobd control protocol", "version": .string(Daemon.version)],
            "methods": .array(
                allCases.map { method in
                    [
                        "name": .string(method.rawValue), "paramStructure": "by-name", "params": [],
                        "result": ["name": "result", "schema": [:]],
                    ]
                }),
        ]
    }
}
