import ArgumentParser
import JobModel

/// A span of time as people type it: a number of seconds, or one with its unit, such as `10m`.
struct TypedSpan: ExpressibleByArgument {
    /// Ten years.
    private static let longest = Duration.days(3650)

    let duration: Duration

    init?(argument: String) {
        guard let span = Span.parse(argument) ?? Self.seconds(argument), span <= Self.longest else { return nil }
        duration = span
    }

    private static func seconds(_ text: String) -> Duration? {
        guard let seconds = Double(text), (0...longest / .seconds(1)).contains(seconds) else { return nil }
        return .seconds(seconds)
    }
}
