/// What is done with a job of one type: steps in order.
///
/// Pipelines are data. The daemon knows no file format; the configuration does.
package struct Pipeline: Hashable, Sendable {
    /// May be empty: such a job completes at once.
    package var steps: [Step]
    /// For all steps together; nil means no limit.
    package var timeout: Duration?

    package init(steps: [Step], timeout: Duration? = nil) {
        self.steps = steps
        self.timeout = timeout
    }
}
