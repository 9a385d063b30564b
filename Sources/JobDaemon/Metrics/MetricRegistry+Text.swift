/// The text format of Prometheus, version 0.0.4.
extension MetricRegistry {
    /// Every metric with its explanation: what was counted here, and what others read.
    func text(with samples: [MetricSample]) -> String {
        let samples = Dictionary(grouping: samples, by: \.name)
        var text = ""
        for definition in definitions {
            let lines =
                series(of: definition.name).flatMap { Self.lines(of: $0, definition) }
                + (samples[definition.name] ?? []).map { Self.line($0.name, $0.labels, $0.value) }
            guard !lines.isEmpty else { continue }
            text += "# HELP \(definition.name) \(definition.help)\n# TYPE \(definition.name) \(definition.kind.word)\n"
            for line in lines { text += line }
        }
        return text
    }

    private static func lines(of series: Series, _ definition: MetricDefinition) -> [String] {
        let (name, labels) = (definition.name, series.labels)
        switch series.handler {
        case .counter(let counter): return [line(name, labels, Double(counter.value))]
        case .lastValue(let gauge): return [line(name, labels, gauge.value)]
        case .histogram(let histogram):
            let reading = histogram.reading
            let buckets = zip(histogram.bounds + [.infinity], reading.cumulativeCounts).map { bound, count in
                line("\(name)_bucket", labels + [("le", number(bound))], Double(count))
            }
            let total = Double(reading.cumulativeCounts.last ?? 0)
            return buckets + [line("\(name)_sum", labels, reading.sum), line("\(name)_count", labels, total)]
        }
    }

    private static func line(_ name: String, _ labels: [(String, String)], _ value: Double) -> String {
        guard !labels.isEmpty else { return "\(name) \(number(value))\n" }
        let pairs = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        return "\(name){\(pairs)} \(number(value))\n"
    }

    /// Whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        if value == .infinity { return "+Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
