/// A figure that Prometheus is told: what it is called, what it means, and how it grows.
struct MetricDefinition: Sendable {
    enum Kind: Sendable {
        /// Only rises, from 0 at the daemon's start; its name ends with `_total`.
        case counter
        case gauge
        /// How many values were at most each of the bounds, which rise.
        case histogram(bounds: [Double])

        /// The word of the text format.
        var word: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    /// With its unit: `_seconds`, `_bytes`.
    let name: String
    let kind: Kind
    let help: String

    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}

/// A value that was read when somebody asked for it.
struct MetricSample: Sendable {
    let name: String
    let labels: [(String, String)]
    let value: Double

    init(_ name: String, _ value: some BinaryInteger, _ labels: [(String, String)] = []) {
        self.init(name, exactly: Double(value), labels)
    }

    init(_ name: String, exactly value: Double, _ labels: [(String, String)] = []) {
        self.name = name
        self.labels = labels
        self.value = value
    }
}
