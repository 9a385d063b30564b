/// What decisions depend on besides the jobs: the part of the configuration that the map knows.
package struct Rules: Hashable, Sendable {
    /// What a pipeline says about its jobs.
    package struct Pipeline: Hashable, Sendable {
        package var queue: String
        package var maxAttempts: Int

        package init(queue: String = "default", maxAttempts: Int = 1) {
            self.queue = queue
            self.maxAttempts = maxAttempts
        }
    }

    /// Places of each queue, at least 1; `default` is always there.
    package var widths: [String: Int]
    /// By job type.
    package var pipelines: [String: Pipeline]
    /// The crash that ends a job as `lost`.
    package var crashLimit: Int
    /// The wait before the second attempt; doubles with each further one.
    package var retryDelay: Duration
    package var maximumRetryDelay: Duration
    /// How long a file stays that no job uses.
    package var unusedFileAge: Duration

    package init(
        widths: [String: Int] = ["default": 2], pipelines: [String: Pipeline] = [:], crashLimit: Int = 3,
        retryDelay: Duration = .seconds(5), maximumRetryDelay: Duration = .seconds(3600),
        unusedFileAge: Duration = .seconds(86_400)
    ) {
        self.widths = widths.merging(["default": 2]) { given, _ in given }
        self.pipelines = pipelines
        self.crashLimit = crashLimit
        self.retryDelay = retryDelay
        self.maximumRetryDelay = maximumRetryDelay
        self.unusedFileAge = unusedFileAge
    }
}

/// How large things may be; the same for every door.
package enum Limits {
    /// `message`, `step` and a cancel's reason, in bytes of UTF-8.
    package static let textBytes = 1024
    package static let metadataBytes = 64 * 1024
    package static let resultBytes = 256 * 1024
    package static let files = 100
    package static let fileNameBytes = 255
    package static let priorities = -100...100
    package static let maxAttempts = 1...1000
    package static let jobTypeBytes = 128
}
