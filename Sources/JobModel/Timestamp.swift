/// A moment: milliseconds since 1970 in UTC, leap seconds not counted.
package struct Timestamp: Hashable, Comparable, Sendable {
    /// Since 1970 in UTC; negative before.
    package let milliseconds: Int64

    /// Takes any number; as text, only the years 0 to 9999 can be shown.
    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// The earlier one is less.
    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    /// The moment after a span; stays at the ends of the range instead of overflowing.
    package static func + (moment: Timestamp, span: Duration) -> Timestamp {
        let (seconds, attoseconds) = span.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, secondOverflow) = moment.milliseconds.addingReportingOverflow(
            overflow ? (seconds < 0 ? .min : .max) : scaled + attoseconds / 1_000_000_000_000_000)
        return Timestamp(milliseconds: secondOverflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The span from the right moment to the left one.
    package static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }

    /// The latest moment that RFC 3339 can write, in the year 9999.
    package static let latest = Timestamp(milliseconds: 253_402_300_799_999)
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with milliseconds: `2026-11-23T12:00:00.123Z`.
    package var description: String { String(unsafeUninitializedCapacity: 24, initializingUTF8With: write) }

    /// Appends the 24 bytes of the description.
    package func write(into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            bytes.append(contentsOf: buffer.prefix(write(into: buffer)))
        }
    }

    /// Writes the 24 bytes of the description.
    private func write(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        let clamped = min(max(milliseconds, 0), Self.latest.milliseconds)
        let (days, time) = clamped.quotientAndRemainder(dividingBy: 86_400_000)
        let (year, month, day) = Self.civil(days: days)
        func put(_ value: Int64, _ digits: Int, at start: Int) {
            var rest = value
            for index in (start..<start + digits).reversed() {
                buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        _ = buffer.update(fromContentsOf: "0000-00-00T00:00:00.000Z".utf8)
        put(year, 4, at: 0)
        put(month, 2, at: 5)
        put(day, 2, at: 8)
        put(time / 3_600_000, 2, at: 11)
        put(time / 60_000 % 60, 2, at: 14)
        put(time / 1000 % 60, 2, at: 17)
        put(time % 1000, 3, at: 20)
        return 24
    }

    /// Reads an RFC 3339 date and time with any offset; a fraction finer than a millisecond is cut.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 64 else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            guard bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return bytes[range].reduce(0) { $0 * 10 + Int64($1 - 0x30) }
        }
        func mark(_ index: Int, _ characters: String) -> Bool { characters.utf8.contains(bytes[index]) }
        guard mark(4, "-"), mark(7, "-"), mark(10, "Tt "), mark(13, ":"), mark(16, ":"),
            let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            (1...12).contains(month), day >= 1, day <= Self.dayCount(year: year, month: month),
            hour < 24, minute < 60, second < 61
        else { return nil }
        var index = 19
        var fraction: Int64 = 0
        if bytes[index] == UInt8(ascii: ".") {
            let digits = bytes[(index + 1)...].prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            fraction = (Array(digits.prefix(3)) + [0x30, 0x30]).prefix(3).reduce(0) { $0 * 10 + Int64($1 - 0x30) }
            index = digits.endIndex
        }
        guard index < bytes.count else { return nil }
        var offset: Int64 = 0
        if !mark(index, "Zz") {
            guard index + 6 == bytes.count, mark(index, "+-"), mark(index + 3, ":"),
                let hours = number(index + 1..<index + 3), let minutes = number(index + 4..<index + 6),
                hours < 24, minutes < 60
            else { return nil }
            offset = (hours * 60 + minutes) * (mark(index, "-") ? -60 : 60)
        } else if index + 1 != bytes.count {
            return nil
        }
        let seconds = hour * 3600 + minute * 60 + second - offset
        let days = Self.days(year: year, month: month, day: day)
        self.init(milliseconds: (days * 86_400 + seconds) * 1000 + fraction)
    }

    // Days and dates of the proleptic Gregorian calendar, counted in eras of 400 years that begin on a 1 March.

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func dayCount(year: Int64, month: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
