/// A span of time as people write it: `600ms`, `10s`, `5m`, `24h`, `30d`.
package enum Span {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// Nil when the text is not a whole number with a unit.
    package static func parse(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text[digits.endIndex...]
        guard let count = Int64(digits), let milliseconds = units.first(where: { $0.name == unit })?.milliseconds else {
            return nil
        }
        let (total, isTooLong) = count.multipliedReportingOverflow(by: milliseconds)
        return isTooLong ? nil : .milliseconds(total)
    }

    /// The text with the largest unit that leaves no rest.
    package static func text(_ span: Duration) -> String {
        let milliseconds = span.inMilliseconds
        guard milliseconds > 0 else { return "0s" }
        let unit = units.first { milliseconds.isMultiple(of: $0.milliseconds) } ?? ("ms", 1)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

extension Duration {
    /// Of 3,600 seconds.
    package static func hours(_ count: Int) -> Duration { .seconds(count * 3600) }

    /// Of 24 hours.
    package static func days(_ count: Int) -> Duration { .seconds(count * 86_400) }

    /// Whole milliseconds; the nearest number that there is for what is too long.
    var inMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        guard !isTooLong else { return seconds < 0 ? .min : .max }
        return product.adding(attoseconds / 1_000_000_000_000_000)
    }
}
