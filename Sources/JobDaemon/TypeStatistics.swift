import JSON
import JobModel
import JobWire

/// What became of the jobs of each type in the last hour; what was before the daemon's start is not known.
struct TypeStatistics {
    /// Types that are told, and that are counted in one part of the hour: whoever makes jobs invents types.
    static let maximumTypes = 50
    private static let partMinutes: Int64 = 10
    /// Parts that are told, the present one included.
    private static let partCount: Int64 = 6

    private struct Figures {
        var ended: [JobStatus: Int] = [:]
        var run = Histogram()

        var count: Int { ended.values.reduce(0, +) }

        mutating func add(_ other: Figures) {
            ended.merge(other.ended, uniquingKeysWith: +)
            run.add(other.run)
        }
    }

    private var parts: [Int64: [String: Figures]] = [:]
    private var newest = Int64.min

    /// Counts what an event that is durable means, when it is the end of a job.
    mutating func record(_ event: JobEvent, by clock: WallClock) {
        guard event.kind == .finished, let job = event.after.job else { return }
        let number = Self.number(of: job.times.updatedAt)
        if number != newest {
            newest = number
            parts = parts.filter { Self.told(at: number).contains($0.key) }
        }
        var types = parts.removeValue(forKey: number) ?? [:]
        if types[job.asked.jobType] != nil || types.count < Self.maximumTypes {
            types[job.asked.jobType, default: Figures()].ended[job.status, default: 0] += 1
            if let startedAt = job.times.startedAt {
                types[job.asked.jobType]?.run.add(clock.milliseconds(from: startedAt, to: job.times.updatedAt))
            }
        }
        parts[number] = types
    }

    /// The types of which most jobs ended, these first.
    func json(at now: Timestamp) -> JSONValue {
        var sums: [String: Figures] = [:]
        for number in Self.told(at: Self.number(of: now)) {
            for (type, figures) in parts[number] ?? [:] { sums[type, default: Figures()].add(figures) }
        }
        let busiest = sums.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(Self.maximumTypes)
        return .array(
            busiest.map { type, figures in
                [
                    "jobType": .string(type), "completed": JSONValue(figures.ended[.completed] ?? 0),
                    "failed": JSONValue(figures.ended[.failed] ?? 0),
                    "cancelled": JSONValue(figures.ended[.cancelled] ?? 0), "runMs": figures.run.json,
                ]
            })
    }

    private static func number(of moment: Timestamp) -> Int64 { moment.milliseconds / (partMinutes * 60_000) }

    private static func told(at number: Int64) -> ClosedRange<Int64> { number - partCount + 1...number }
}
