/// When each schedule comes true next.
struct ScheduleIndex: Sendable {
    /// What clocks show in each time zone that a schedule names, or may name.
    private var zones: [String: TimeZoneRules] = ["UTC": .utc]
    private var entries: [ScheduleName: Entry] = [:]
    /// The earliest of all.
    private(set) var next: Timestamp?

    private struct Entry: Sendable {
        let line: CronLine
        let zone: TimeZoneRules
        let next: Timestamp?
    }

    func zone(_ name: String) -> TimeZoneRules? { zones[name] }

    mutating func admit(_ zone: TimeZoneRules, named name: String) { zones[name] = zone }

    /// Keeps a schedule in step with its record; nil takes it out.
    mutating func set(_ schedule: Schedule?, named name: ScheduleName) {
        let due = entries[name]?.next
        entries[name] = schedule.flatMap { schedule in
            guard let line = try? CronLine(schedule.plan.cron), let zone = zones[schedule.plan.timeZone] else {
                return nil
            }
            return Entry(line: line, zone: zone, next: line.next(after: schedule.doneUntil, in: zone))
        }
        let own = entries[name]?.next
        if let own, own < next ?? own + .milliseconds(1) {
            next = own
        } else if due == next {
            next = entries.values.compactMap(\.next).min()
        }
    }

    /// Those that have come true, in the order of their names.
    func due(at now: Timestamp) -> [ScheduleName] {
        guard let next, next <= now else { return [] }
        return entries.filter { $0.value.next.map { $0 <= now } ?? false }.keys.sorted()
    }

    /// The last moments of a schedule after one and up to another, at most so many, in order.
    func moments(of name: ScheduleName, after done: Timestamp, upTo now: Timestamp, count: Int) -> [Timestamp] {
        guard let entry = entries[name] else { return [] }
        // From ever further back, so that a year of minutes is not counted for the last of them.
        var span = Duration.hours(1)
        while true {
            let from = max(done, now + (.zero - span))
            let found = entry.line.moments(after: from, upTo: now, in: entry.zone)
            if found.count >= count || from == done { return Array(found.suffix(count)) }
            span = span * 4
        }
    }

    /// The next moments of a schedule.
    func nextMoments(of name: ScheduleName, after now: Timestamp, count: Int) -> [Timestamp] {
        entries[name].map { $0.line.moments(after: now, count: count, in: $0.zone) } ?? []
    }
}
