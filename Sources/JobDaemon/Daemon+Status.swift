import Glibc
import JSON
import JobModel
import JobStorage
import JobWire
import NIOCore

/// What the daemon says of itself, and what the administrator of the machine has it do.
extension Daemon {
    func status(freeBytes: Int64) -> JSONValue {
        [
            "version": .string(Build.version), "pid": JSONValue(getpid()),
            "uptimeSeconds": JSONValue((clock.passed - passedAtStart).components.seconds),
            "draining": .bool(isStopping || committer.map.isDrained),
            "jobs": gauges.counts,
            "queues": gauges.queues(in: committer.map),
            "connections": JSONValue(gauges.connectionCount),
            "storage": ["freeBytes": JSONValue(freeBytes), "writable": .bool(committer.health.isWell)],
            "sandbox": sandbox,
        ]
    }

    /// Whether no room can be made for steps.
    var isSandboxBroken: Bool { if case .failing = runner.sandboxState { true } else { false } }

    /// Whether each step has a room.
    var isSandboxWorking: Bool { if case .working = runner.sandboxState { true } else { false } }

    private var sandbox: JSONValue {
        switch runner.sandboxState {
        case .off: ["steps": "off"]
        case .working(let isMemoryHeld):
            ["steps": "on", "working": true, "memory": isMemoryHeld ? "held" : "watched"]
        case .failing(let reason): ["steps": "on", "working": false, "reason": .string(reason)]
        }
    }

    func stats(freeBytes: Int64) -> JSONValue {
        [
            "counts": gauges.counts, "silent": JSONValue(gauges.silent.count(at: clock.now)),
            "queues": gauges.queues(in: committer.map),
            "storage": [
                "files": JSONValue(gauges.totals.files), "bytes": JSONValue(gauges.totals.fileBytes),
                "freeBytes": JSONValue(freeBytes),
            ],
            "streams": JSONValue(gauges.fronts.values.reduce(0) { $0 + $1.streams }),
            "startedAt": JSONValue(startedAt), "minutes": gauges.statistics.json(at: clock.now),
            "types": gauges.types.json(at: clock.now),
        ]
    }

    // MARK: The administrator

    func reload(tokenKeys: String?, _ reply: @escaping Reply) {
        inBackground { [handlers] in
            let outcome = await handlers.reload(tokenKeys)
            reply(outcome.map { ByteBuffer(bytes: $0.bytes) })
        }
    }

    func inspect(_ reply: @escaping Reply) {
        let fronts = gauges.fronts.count
        let ahead = housekeeper.assumeIsolated { $0.clockAhead }
        let (hasSender, now) = (outbox.assumeIsolated { $0.hasSender }, clock.now)
        let anonymous = gatekeeper.anonymous
        inBackground { [self, handlers] in
            var seen = await handlers.inspect()
            seen["anonymous"] = .string(anonymous.rawValue)
            let pending = await outbox.pending() ?? [:]
            seen["webhooks"] = [
                "sender": .bool(hasSender),
                "pending": .array(
                    pending.sorted { $0.key < $1.key }.map { name, waiting in
                        [
                            "webhook": .string(name.description), "count": JSONValue(waiting?.count ?? 0),
                            "oldestSeconds": JSONValue(waiting?.age(at: now) ?? 0),
                        ]
                    }),
            ]
            seen["fronts"] = JSONValue(fronts)
            seen["clockAheadSeconds"] = ahead.map { JSONValue($0.components.seconds) } ?? .null
            reply(.success(ByteBuffer(bytes: JSONValue.object(seen).bytes)))
        }
    }

    func backUp(to directory: String, _ reply: @escaping Reply) {
        inBackground { [handlers] in
            let outcome = await handlers.backUp(directory)
            reply(outcome.map { ByteBuffer(bytes: $0.bytes) })
        }
    }
}
