/// How long a failed run is waited for until the next; nil: as the pipeline says.
package struct RetryPolicy: Hashable, Sendable {
    /// Before the second attempt; doubles with each further one.
    package var delay: Duration?
    /// No wait is longer, whatever it has doubled to; nil: as the pipeline says.
    package var maximumDelay: Duration?

    package init(delay: Duration? = nil, maximumDelay: Duration? = nil) {
        self.delay = delay
        self.maximumDelay = maximumDelay
    }
}
