/// When something is to happen again and again: the five fields of cron, or one of its words.
package struct CronLine: Hashable, Sendable {
    /// What is wrong with a line, half a sentence.
    package struct Mistake: Error, Hashable, Sendable {
        /// To be put behind the name of the field: "never comes true: …".
        package let reason: String
    }

    /// A bit for each value.
    let minutes: CronField
    let hours: CronField
    let days: CronField
    let months: CronField
    /// 0 is Sunday.
    let weekdays: CronField
    /// Whether the last day of a month counts.
    let hasLastDay: Bool

    private static let words = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// - Throws: ``Mistake``, also for a line that never comes true.
    package init(_ text: String) throws(Mistake) {
        let line = text.hasPrefix("@") ? Self.words[text.lowercased()] : text
        guard let line else {
            throw Mistake(reason: "has an unknown word; there are \(Self.words.keys.sorted().joined(separator: ", "))")
        }
        let fields = line.split { $0 == " " || $0 == "\t" }.map(String.init)
        guard fields.count == 5 else {
            throw Mistake(
                reason:
                    "must have five fields (minute, hour, day of the month, month, day of the week), and not \(fields.count)"
            )
        }
        minutes = try CronField(fields[0], of: .minute)
        hours = try CronField(fields[1], of: .hour)
        var days = fields[2].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let count = days.count
        days.removeAll { $0.lowercased() == "l" }
        hasLastDay = days.count < count
        self.days =
            days.isEmpty && hasLastDay
            ? CronField.nothing : try CronField(days.joined(separator: ","), of: .day)
        months = try CronField(fields[3], of: .month)
        weekdays = try CronField(fields[4], of: .weekday)
        guard canComeTrue else { throw Mistake(reason: "never comes true: no such month has such a day") }
    }

    /// Whether any day is one of it; the weekdays come in each month.
    private var canComeTrue: Bool {
        if hasLastDay || !weekdays.isEverything { return true }
        return months.values.contains { month in (days.values.first ?? 32) <= CivilDate.longest(month) }
    }

    /// Whether it names hours, and so a time of day.
    var namesHours: Bool { !hours.isEverything }

    /// Whether a day is one of it: with both kinds of days restricted, either counts.
    ///
    /// A field that has every value restricts nothing, however it is written.
    func contains(_ date: CivilDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let isDay = days.contains(date.day) || hasLastDay && date.day == date.monthLength
        let isWeekday = weekdays.contains(date.weekday)
        return days.isEverything || weekdays.isEverything ? isDay && isWeekday : isDay || isWeekday
    }
}

/// One field of a line: which values it has.
struct CronField: Hashable, Sendable {
    enum Kind: Sendable {
        case minute, hour, day, month, weekday

        var range: ClosedRange<Int> {
            switch self {
            case .minute: 0...59
            case .hour: 0...23
            case .day: 1...31
            case .month: 1...12
            case .weekday: 0...6
            }
        }

        var name: String {
            switch self {
            case .minute: "minute"
            case .hour: "hour"
            case .day: "day of the month"
            case .month: "month"
            case .weekday: "day of the week"
            }
        }

        fileprivate var names: [String] {
            switch self {
            case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
            case .minute, .hour, .day: []
            }
        }
    }

    private let bits: UInt64
    /// Whether it has every value.
    let isEverything: Bool

    static let nothing = CronField()

    private init() {
        bits = 0
        isEverything = false
    }

    init(_ text: String, of kind: Kind) throws(CronLine.Mistake) {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            for value in try Self.values(of: String(part), kind) { bits |= 1 << UInt64(value) }
        }
        // 7 is Sunday, too.
        if kind == .weekday, bits & (1 << 7) != 0 { bits = bits & ~(1 << 7) | 1 }
        self.bits = bits
        isEverything = kind.range.allSatisfy { bits & (1 << UInt64($0)) != 0 }
    }

    func contains(_ value: Int) -> Bool { bits & (1 << UInt64(value)) != 0 }

    /// In order.
    var values: [Int] { (0..<64).filter(contains) }

    /// `*`, `a`, `a-b`, each with `/step`.
    private static func values(of part: String, _ kind: Kind) throws(CronLine.Mistake) -> [Int] {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        var step = 1
        if pieces.count == 2 {
            guard let given = number(pieces[1]), given > 0, given <= 1000 else {
                throw CronLine.Mistake(reason: "has the step /\(pieces[1]), which is not a number above 0")
            }
            step = given
        }
        let range = kind.range
        guard pieces[0] != "*" else {
            return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(ends.count) else { throw mistake(part, kind) }
        let first = try value(ends[0], kind, in: part)
        var last = first
        if ends.count == 2 {
            last = try value(ends[1], kind, in: part)
            // A week may be written to end with Sunday.
            if kind == .weekday, last == 0, first > 0 { last = 7 }
        } else if pieces.count == 2 {
            last = range.upperBound
        }
        guard first <= last else {
            throw CronLine.Mistake(reason: "has the range \(pieces[0]), which ends before it begins")
        }
        return Array(stride(from: first, through: last, by: step))
    }

    private static func value(_ text: String, _ kind: Kind, in part: String) throws(CronLine.Mistake) -> Int {
        if let index = kind.names.firstIndex(of: text.lowercased()) { return index + kind.range.lowerBound }
        let range = kind == .weekday ? 0...7 : kind.range
        guard let number = number(text), range.contains(number) else { throw mistake(part, kind) }
        return number
    }

    private static func number(_ text: String) -> Int? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func mistake(_ part: String, _ kind: Kind) -> CronLine.Mistake {
        let shown = String(part.prefix(40))
        return CronLine.Mistake(
            reason:
                "has \(shown) as its \(kind.name), which must be of \(kind.range.lowerBound) to \(kind.range.upperBound)"
        )
    }
}
