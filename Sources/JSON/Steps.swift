import Synchronization

/// Counts the steps of work whose amount comes from outside, so that tests can compare what inputs cost.
///
/// Counts nothing in a release build.
package enum Steps {
    #if DEBUG
        private final class Counter: Sendable {
            let count = Atomic(0)
        }

        @TaskLocal private static var counter: Counter?

        /// The steps that the body takes on this thread.
        package static func counted(_ body: () throws -> Void) rethrows -> Int {
            let counter = Counter()
            try $counter.withValue(counter, operation: body)
            return counter.count.load(ordering: .relaxed)
        }
    #endif

    @inline(__always)
    package static func count(_ steps: Int = 1) {
        #if DEBUG
            counter?.count.wrappingAdd(steps, ordering: .relaxed)
        #endif
    }
}
