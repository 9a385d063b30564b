/// How long a job waits after a run that failed; `JobMap.retryDelay` computes the wait.
package struct RetryPolicy: Hashable, Sendable {
    /// Before the second attempt; doubles with each further one; nil: as the pipeline says.
    package var delay: Duration?
    /// No wait is longer, whatever it has doubled to; nil: as the pipeline says.
    package var maximumDelay: Duration?

    package init(delay: Duration? = nil, maximumDelay: Duration? = nil) {
        self.delay = delay
        self.maximumDelay = maximumDelay
    }
}
