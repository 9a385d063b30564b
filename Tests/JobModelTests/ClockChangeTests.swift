import Foundation
import JobModel
import JobTesting
import Testing

/// Schedules over each change of a clock in two years.
@Suite(.enabled(if: TimeZoneFile.areThere))
struct ClockChangeTests {
    static let zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

    /// The first minute after a change, since 1970; Foundation's own zones say which.
    private static func changes(in zone: TimeZone) -> [Int] {
        // None is between two half hours.
        stride(from: 1_767_225_600 / 60, to: 1_830_297_600 / 60, by: 30).filter {
            offset(zone, $0) != offset(zone, $0 - 30)
        }
    }

    private static func offset(_ zone: TimeZone, _ minute: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(minute * 60))) / 60
    }

    /// What a clock shows in the minutes of a span, and in the one before it.
    private static func shown(in zone: TimeZone, _ span: Range<Int>) -> [Int] {
        ((span.lowerBound - 1)..<span.upperBound).map { $0 + offset(zone, $0) }
    }

    /// A line of minutes and hours, nil for any hour.
    private struct Line: CustomStringConvertible {
        var minutes: Set<Int>
        var hours: Set<Int>?

        var description: String {
            func list(_ values: Set<Int>) -> String { values.sorted().map(String.init).joined(separator: ",") }
            return "\(list(minutes)) \(hours.map(list) ?? "*") * * *"
        }

        /// Whether a clock shows such a time; in minutes.
        func has(_ shown: Int) -> Bool {
            minutes.contains(shown % 60) && hours?.contains(shown / 60 % 24) ?? true
        }

        /// Minute by minute, as somebody would do it who looks at a clock: places in what it shows.
        ///
        /// The second time that it shows a time does not count for a line that names hours, and what it leaves out is made up
        /// for when it has.
        func moments(_ clock: [Int]) -> [Int] {
            var latest = clock[0]
            return clock.indices.dropFirst().filter { index in
                let (shown, before) = (clock[index], clock[index - 1])
                defer { latest = max(latest, shown) }
                guard hours != nil else { return has(shown) }
                let isLeftOut = shown > before + 1 && ((before + 1)..<shown).contains(where: has)
                return isLeftOut || has(shown) && shown > latest
            }
        }
    }

    @Test(arguments: zones)
    func everyChangeIsPassedAsWithAClockInHand(name: String) throws {
        let zone = try TimeZoneFile.rules(name)
        let clock = try #require(TimeZone(identifier: name))
        let changes = Self.changes(in: clock)
        #expect(changes.count == 4)
        var generator = SeededGenerator(seed: 1)
        func some(_ range: Range<Int>, _ count: Int) -> Set<Int> {
            Set((0..<count).map { _ in Int.random(in: range, using: &generator) })
        }
        var lines = (0...3).flatMap { hour in
            [0, 15, 30, 45, 59].map { Line(minutes: [$0], hours: [hour]) }
        }
        lines += [0, 15, 30, 45].map { Line(minutes: [$0], hours: nil) }
        lines += (0..<16).map { _ in
            let hours = Bool.random(using: &generator) ? some(0..<5, 3) : some(0..<24, 6)
            return Line(minutes: some(0..<60, Int.random(in: 1...4, using: &generator)), hours: hours)
        }
        for change in changes {
            let span = (change - 26 * 60)..<(change + 26 * 60)
            let shown = Self.shown(in: clock, span)
            for line in lines {
                let expected = line.moments(shown).map { span.lowerBound - 1 + $0 }
                let begin = Timestamp(milliseconds: Int64(span.lowerBound - 1) * 60_000)
                let found = try CronLine(line.description).moments(after: begin, count: expected.count + 1, in: zone)
                    .map { Int($0.milliseconds / 60_000) }.filter(span.contains)
                #expect(found == expected, "\(line) around \(change)")
            }
        }
    }

    /// A daemon that was down over a change makes up for what its clock would have shown.
    @Test(
        arguments: [
            // Half past two does not exist, or comes twice; each once.
            ("Europe/Berlin", "2026-03-28T12:00", "2026-03-30T12:00", ["20260329T010000Z", "20260330T003000Z"]),
            ("Europe/Berlin", "2026-10-24T12:00", "2026-10-26T12:00", ["20261025T003000Z", "20261026T013000Z"]),
            ("Europe/Berlin", "2027-03-27T12:00", "2027-03-29T12:00", ["20270328T010000Z", "20270329T003000Z"]),
            ("Europe/Berlin", "2027-10-30T12:00", "2027-11-01T12:00", ["20271031T003000Z", "20271101T013000Z"]),
            ("America/New_York", "2026-03-07T12:00", "2026-03-09T12:00", ["20260308T070000Z", "20260309T063000Z"]),
            ("America/New_York", "2026-10-31T12:00", "2026-11-02T12:00", ["20261101T073000Z", "20261102T073000Z"]),
            ("America/New_York", "2027-03-13T12:00", "2027-03-15T12:00", ["20270314T070000Z", "20270315T063000Z"]),
            ("America/New_York", "2027-11-06T12:00", "2027-11-08T12:00", ["20271107T073000Z", "20271108T073000Z"]),
            ("Australia/Lord_Howe", "2026-04-03T20:00", "2026-04-05T20:00", ["20260404T160000Z", "20260405T160000Z"]),
            ("Australia/Lord_Howe", "2026-10-02T20:00", "2026-10-04T20:00", ["20261003T153000Z", "20261004T153000Z"]),
            ("Australia/Lord_Howe", "2027-04-02T20:00", "2027-04-04T20:00", ["20270403T160000Z", "20270404T160000Z"]),
            ("Australia/Lord_Howe", "2027-10-01T20:00", "2027-10-03T20:00", ["20271002T153000Z", "20271003T153000Z"]),
        ], Schedule.Missed.allCases)
    func whatWasMissedOverAChangeIsMadeUpForAsTheScheduleSays(
        row: (zone: String, down: String, up: String, moments: [String]), missed: Schedule.Missed
    ) throws {
        let (down, up) = (
            try #require(Timestamp("\(row.down):00.000Z")), try #require(Timestamp("\(row.up):00.000Z"))
        )
        let name = try #require(ScheduleName("s"))
        let plan = Schedule.Plan(cron: "30 2 * * *", timeZone: row.zone, jobType: "report", missed: missed)
        var map = JobMap(rules: Rules(widths: ["default": 5], pipelines: ["report": .init()]), start: up)
        map.admit(try TimeZoneFile.rules(row.zone), named: row.zone)
        map.admit(.schedule(Schedule(name: name, plan: plan, source: .api, doneUntil: down)))
        let made = try map.apply(.recover, at: up).compactMap { event -> String? in
            guard case .job(let event) = event, event.kind == .created else { return nil }
            return event.after.jobId.description
        }
        let ids = row.moments.map { "s:\($0)" }
        let expected =
            switch missed {
            case .once: Array(ids.suffix(1))
            case .skip: [String]()
            case .all: ids
            }
        #expect(made == expected)
        // And the next one is as if nothing had been.
        #expect(map.nextDeadline().map { $0 > up } == true)
    }
}
