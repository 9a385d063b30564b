package import JSON

extension Job {
    /// What came of it: of its last run that ended.
    package struct Outcome: Usual, Sendable {
        /// At most ``Limits/resultBytes``.
        package var result: JSONText?
        /// Why it, or its last attempt, failed, or how a cancel ended its step; nil from its next start on.
        package var error: JobFailure?
        /// At most ``Limits/artifacts``; empty again after a retry.
        package var artifacts: [Artifact]

        package init(result: JSONText? = nil, error: JobFailure? = nil, artifacts: [Artifact] = []) {
            self.result = result
            self.artifacts = artifacts
            self.error = error
        }

        /// That of a job of which nothing has come yet.
        package static let usual = Outcome()
    }
}
