import CoreMetrics
import Synchronization

/// Everything that is counted and measured, kept for whoever asks: a backend of swift-metrics.
///
/// A handler is made once and used for ever; only making one and writing the text take the lock.
final class MetricRegistry: MetricsFactory {
    /// A handler, and the labels that it stands for.
    struct Series: Sendable {
        enum Handler: Sendable {
            case counter(CountingHandler)
            case lastValue(LastValueHandler)
            case histogram(HistogramHandler)
        }

        let labels: [(String, String)]
        let handler: Handler
    }

    let definitions: [MetricDefinition]
    /// By the metric's name.
    private let series = Mutex<[String: [Series]]>([:])

    /// A registry of these metrics; others may be made, but are not told.
    init(_ definitions: [MetricDefinition]) {
        self.definitions = definitions
    }

    func series(of name: String) -> [Series] { series.withLock { $0[name] ?? [] } }

    // MARK: MetricsFactory

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        add(CountingHandler(), label, dimensions) { .counter($0) }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate {
            return add(histogram(label, isTimer: false), label, dimensions) { .histogram($0) }
        }
        return add(LastValueHandler(), label, dimensions) { .lastValue($0) }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        add(histogram(label, isTimer: true), label, dimensions) { .histogram($0) }
    }

    private func histogram(_ name: String, isTimer: Bool) -> HistogramHandler {
        guard let definition = definitions.first(where: { $0.name == name }),
            case .histogram(let bounds) = definition.kind
        else { return HistogramHandler(bounds: [], isTimer: isTimer) }
        return HistogramHandler(bounds: bounds, isTimer: isTimer)
    }

    private func add<Handler: Sendable>(
        _ handler: Handler, _ name: String, _ labels: [(String, String)],
        as wrap: @Sendable (Handler) -> Series.Handler
    ) -> Handler {
        series.withLock { $0[name, default: []].append(Series(labels: labels, handler: wrap(handler))) }
        return handler
    }

    // Nothing that the daemon counts ends before the daemon.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}
