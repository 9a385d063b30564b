package import JobModel

/// A request that a front refused by itself, because its sender may not do what he asked for.
package struct RefusalReport: Hashable, Sendable {
    /// `METHOD /path` with the names of its parts; at most 128 characters.
    package let request: String
    /// `forbidden` or `unauthorized`.
    package let code: ErrorCode
    /// The job that it was about; nil for none.
    package let jobId: JobID?

    package init(request: String, code: ErrorCode, jobId: JobID? = nil) {
        self.request = request
        self.code = code
        self.jobId = jobId
    }
}
