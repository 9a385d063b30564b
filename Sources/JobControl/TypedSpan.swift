import ArgumentParser
import JobModel

/// A span of time as people type it: a number of seconds, or one with its unit, such as `10m`.
struct TypedSpan: ExpressibleByArgument {
    /// The most seconds without a unit: ten years.
    private static let maximumSeconds = 315_360_000.0

    let duration: Duration

    init?(argument: String) {
        if let span = Span.parse(argument) {
            duration = span
        } else if let seconds = Double(argument), (0...Self.maximumSeconds).contains(seconds) {
            duration = .seconds(seconds)
        } else {
            return nil
        }
    }
}
