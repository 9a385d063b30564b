package import JSON

/// How a run ended.
package struct RunOutcome: Hashable, Sendable {
    /// What it came to.
    package enum Ending: Hashable, Sendable {
        case completed
        /// `mayRetry` is false when trying again cannot help.
        case failed(JobFailure, mayRetry: Bool)
        /// It was told to stop, and did; with how its running step was ended, if one ran.
        case cancelled(JobFailure?)
    }

    /// How, and why when it did not complete.
    package var ending: Ending
    /// What it found, an object of at most ``Limits/resultBytes``; nil: nothing.
    package var result: JSONText?
    /// What it left on the disk under its run; at most ``Limits/artifacts``.
    package var artifacts: [Artifact]
    /// The last lines of its log.
    package var lines: [LogLine]
    /// How long the next attempt waits; nil: as the pipeline says.
    package var retryAfter: Duration?
    /// What people read beside a completed job; nil: nothing.
    package var message: String?

    package init(
        _ ending: Ending, result: JSONText? = nil, artifacts: [Artifact] = [], lines: [LogLine] = [],
        retryAfter: Duration? = nil, message: String? = nil
    ) {
        self.ending = ending
        self.retryAfter = retryAfter
        self.message = message
        self.result = result
        self.artifacts = artifacts
        self.lines = lines
    }
}
