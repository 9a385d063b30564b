import JSON
import JobModel
import JobWire

/// What happened in the last hour, minute by minute; what was before the daemon's start is not known.
struct Statistics {
    /// Minutes that are told, the present one included.
    static let minuteCount: Int64 = 60

    private struct Minute {
        var created = 0
        var ended: [JobStatus: Int] = [:]
        var wait = Histogram()
        var run = Histogram()
    }

    private var minutes: [Int64: Minute] = [:]
    private var newest = Int64.min

    /// Counts what an event that is durable means; the clock tells what passed between two moments.
    mutating func record(_ event: JobEvent, by clock: WallClock) {
        guard event.kind.isOfLife, let times = event.after.times else { return }
        let number = Self.number(of: times.updatedAt)
        if number != newest {
            newest = number
            // Nor what has not come yet, of a clock that was ahead.
            minutes = minutes.filter { $0.key > number - Self.minuteCount && $0.key <= number }
        }
        switch event.kind {
        case .created where event.before == nil: minutes[number, default: Minute()].created += 1
        case .started:
            let waiting = times.queuedAt ?? times.createdAt
            minutes[number, default: Minute()].wait.add(clock.milliseconds(from: waiting, to: times.updatedAt))
        case .finished:
            guard let status = event.after.status else { return }
            minutes[number, default: Minute()].ended[status, default: 0] += 1
            guard let startedAt = times.startedAt else { return }
            minutes[number, default: Minute()].run.add(clock.milliseconds(from: startedAt, to: times.updatedAt))
        case .created, .updated, .queued, .cancelRequested, .retried, .deleted: break
        }
    }

    /// Every minute of the last hour, oldest first; those before the daemon's start count nothing.
    func json(at now: Timestamp) -> JSONValue {
        let last = Self.number(of: now)
        return .array(
            (last - Self.minuteCount + 1...last).map { number in
                let minute = minutes[number] ?? Minute()
                return [
                    "at": JSONValue(Timestamp(milliseconds: number * 60_000)), "created": JSONValue(minute.created),
                    "completed": JSONValue(minute.ended[.completed] ?? 0),
                    "failed": JSONValue(minute.ended[.failed] ?? 0),
                    "cancelled": JSONValue(minute.ended[.cancelled] ?? 0), "waitMs": minute.wait.json,
                    "runMs": minute.run.json,
                ]
            })
    }

    private static func number(of moment: Timestamp) -> Int64 { moment.milliseconds / 60_000 }
}

extension JobEvent.Kind {
    /// Whether a job came, was started or ended, which is what is counted.
    var isOfLife: Bool {
        switch self {
        case .created, .started, .finished: true
        case .updated, .queued, .cancelRequested, .retried, .deleted: false
        }
    }
}

/// How long things took, in buckets that are an eighth of their value wide.
struct Histogram {
    private var counts: [Int: Int] = [:]
    private var total = 0

    /// Adds a span; one below 0, of a clock that was set back, counts as 0.
    mutating func add(_ milliseconds: Int64) {
        counts[Self.bucket(of: max(milliseconds, 0)), default: 0] += 1
        total += 1
    }

    /// Adds the spans of another one.
    mutating func add(_ other: Histogram) {
        counts.merge(other.counts, uniquingKeysWith: +)
        total += other.total
    }

    /// The value that so many hundredths of the spans do not exceed; nil without spans.
    func percentile(_ percent: Int) -> Int64? {
        var rest = (total * percent + 99) / 100
        for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
            rest -= count
            if rest <= 0 { return Self.largest(of: bucket) }
        }
        return nil
    }

    var json: JSONValue {
        ["p50": percentile(50).map { JSONValue($0) } ?? .null, "p95": percentile(95).map { JSONValue($0) } ?? .null]
    }

    /// Up to 16 a bucket for each value; then eight for each power of two.
    private static func bucket(of value: Int64) -> Int {
        guard value >= 16 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        return 16 + (exponent - 4) * 8 + Int(value >> (exponent - 3) & 7)
    }

    private static func largest(of bucket: Int) -> Int64 {
        guard bucket >= 16 else { return Int64(bucket) }
        let (exponent, eighth) = ((bucket - 16) / 8 + 4, Int64((bucket - 16) % 8))
        return (8 + eighth) << (exponent - 3) + (1 << (exponent - 3) - 1)
    }
}
