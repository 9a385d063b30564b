import CoreMetrics
import Synchronization

// What swift-metrics hands numbers to: additions in place, from any thread, without a lock.

/// Counts.
final class CountingHandler: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { count.load(ordering: .relaxed) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// Keeps the last number.
final class LastValueHandler: RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
}

/// Counts numbers by their size.
///
/// Whole numbers only; a timer's are nanoseconds, which become seconds when they are told.
final class HistogramHandler: RecorderHandler, TimerHandler {
    /// A histogram as it was at one moment.
    struct Reading {
        /// Values that were at most each bound, each including those before it; the last are all.
        let cumulativeCounts: [Int64]
        let sum: Double
    }

    private static let nanosecondsPerSecond = 1e9

    let bounds: [Double]
    private let scale: Double
    private let scaledBounds: [Int64]
    /// One more than there are bounds.
    private let counts: [CountingHandler]
    private let sum = Atomic<Int64>(0)

    init(bounds: [Double], isTimer: Bool) {
        let scale = isTimer ? Self.nanosecondsPerSecond : 1
        self.scale = scale
        self.bounds = bounds
        scaledBounds = bounds.map { Int64($0 * scale) }
        counts = (0...bounds.count).map { _ in CountingHandler() }
    }

    func record(_ value: Double) { record(Int64(value)) }

    func recordNanoseconds(_ duration: Int64) { record(duration) }

    func record(_ value: Int64) {
        let index = scaledBounds.firstIndex { value <= $0 } ?? scaledBounds.count
        counts[index].increment(by: 1)
        sum.wrappingAdd(value, ordering: .relaxed)
    }

    var reading: Reading {
        var total: Int64 = 0
        let cumulativeCounts = counts.map { count in
            total += count.value
            return total
        }
        return Reading(cumulativeCounts: cumulativeCounts, sum: Double(sum.load(ordering: .relaxed)) / scale)
    }
}
