/// How clocks are changed each year, as POSIX writes it: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct YearlyRule: Hashable, Sendable {
    private enum Day: Hashable, Sendable {
        /// Of the month, the week (5: the last), the weekday.
        case weekday(month: Int, week: Int, weekday: Int)
        /// 1 to 365, without the leap day.
        case julian(Int)
        /// 0 to 365, with it.
        case number(Int)
    }

    private struct Change: Hashable, Sendable {
        let day: Day
        /// Seconds after midnight, of the clock before the change.
        let time: Int64
    }

    /// Ahead of UTC, in seconds.
    private let standard: Int64
    private let summer: Int64
    private let changes: (to: Change, back: Change)?

    static func == (left: YearlyRule, right: YearlyRule) -> Bool {
        left.standard == right.standard && left.summer == right.summer && left.changes?.to == right.changes?.to
            && left.changes?.back == right.changes?.back
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(standard)
        hasher.combine(summer)
        hasher.combine(changes?.to)
        hasher.combine(changes?.back)
    }

    /// Nil when the text is not such a rule.
    init?(_ text: String) {
        var rest = text.utf8[...]
        guard Self.takeName(&rest), let behind = Self.takeTime(&rest) else { return nil }
        standard = -behind
        guard !rest.isEmpty else {
            summer = standard
            changes = nil
            return
        }
        guard Self.takeName(&rest) else { return nil }
        if rest.first != UInt8(ascii: ",") {
            guard let behind = Self.takeTime(&rest) else { return nil }
            summer = -behind
        } else {
            summer = standard + 3600
        }
        guard let to = Self.takeChange(&rest), let back = Self.takeChange(&rest), rest.isEmpty else { return nil }
        changes = (to, back)
    }

    func offset(at moment: Int64) -> Int64 {
        guard let changes else { return standard }
        let year = CivilDate(ofLocal: moment + standard).year
        let begin = Self.local(changes.to, in: year) - standard
        let end = Self.local(changes.back, in: year) - summer
        // In the south summer is at both ends of the year.
        let isSummer = begin < end ? moment >= begin && moment < end : moment >= begin || moment < end
        return isSummer ? summer : standard
    }

    /// When a change comes, as the clock before it shows.
    private static func local(_ change: Change, in year: Int) -> Int64 {
        let day: Int64
        switch change.day {
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(year: year, month: month, day: 1)
            var number = 1 + (weekday - first.weekday + 7) % 7 + (week - 1) * 7
            while number > first.monthLength { number -= 7 }
            day = first.number + Int64(number - 1)
        case .julian(let number):
            let start = CivilDate(year: year, month: 1, day: 1)
            let isLeap = CivilDate(year: year, month: 2, day: 1).monthLength == 29
            day = start.number + Int64(number - 1 + (isLeap && number >= 60 ? 1 : 0))
        case .number(let number): day = CivilDate(year: year, month: 1, day: 1).number + Int64(number)
        }
        return day * 86_400 + change.time
    }

    // MARK: Reading

    /// Letters, or anything within `<>`.
    private static func takeName(_ rest: inout Substring.UTF8View) -> Bool {
        if rest.first == UInt8(ascii: "<") {
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { return false }
            rest = rest[rest.index(after: end)...]
            return true
        }
        let name = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        rest = rest[name.endIndex...]
        return name.count >= 3
    }

    private static func takeNumber(_ rest: inout Substring.UTF8View) -> Int? {
        let digits = rest.prefix { (48...57).contains($0) }
        guard (1...3).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return Int(String(Substring(digits)))
    }

    private static func take(_ byte: Character, _ rest: inout Substring.UTF8View) -> Bool {
        guard rest.first == byte.asciiValue else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// `[+-]hh[:mm[:ss]]`, in seconds.
    private static func takeTime(_ rest: inout Substring.UTF8View) -> Int64? {
        let isNegative = take("-", &rest)
        if !isNegative { _ = take("+", &rest) }
        guard let hours = takeNumber(&rest), hours <= 167 else { return nil }
        var seconds = Int64(hours) * 3600
        for unit in [60, 1] as [Int64] where take(":", &rest) {
            guard let number = takeNumber(&rest), number < 60 else { return nil }
            seconds += Int64(number) * unit
        }
        return isNegative ? -seconds : seconds
    }

    private static func takeChange(_ rest: inout Substring.UTF8View) -> Change? {
        guard take(",", &rest) else { return nil }
        let day: Day
        if take("M", &rest) {
            guard let month = takeNumber(&rest), (1...12).contains(month), take(".", &rest),
                let week = takeNumber(&rest), (1...5).contains(week), take(".", &rest),
                let weekday = takeNumber(&rest), (0...6).contains(weekday)
            else { return nil }
            day = .weekday(month: month, week: week, weekday: weekday)
        } else if take("J", &rest) {
            guard let number = takeNumber(&rest), (1...365).contains(number) else { return nil }
            day = .julian(number)
        } else {
            guard let number = takeNumber(&rest), (0...365).contains(number) else { return nil }
            day = .number(number)
        }
        guard take("/", &rest) else { return Change(day: day, time: 7200) }
        return takeTime(&rest).map { Change(day: day, time: $0) }
    }
}
