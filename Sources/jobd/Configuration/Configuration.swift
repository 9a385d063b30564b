import JobProcessing

/// What jobd was told, complete: every key has a value, from a flag, the environment, the file or its default.
struct Configuration: Hashable, Sendable {
    /// Where the jobs, their files and their artifacts are.
    var storageDirectory = "/var/lib/jobd"
    /// What uploads leave free on the disk.
    var minimumFreeBytes: Int64 = 268_435_456
    /// The daemon's Unix socket; at most 107 bytes.
    var controlSocket = "/run/jobd/jobd.sock"
    var front = Front()
    /// By name; `default` is always there.
    var queues = ["default": Queue()]
    /// By job type.
    var pipelines: [String: PipelineSettings] = [:]
    /// The crash that ends a job as `lost`.
    var crashLimit = 3
    /// How long a file stays that no job uses.
    var unusedFileAge = Duration.seconds(86_400)
    var logLevel = LogLevel.info

    /// What a front is told; `jobd dev` also how many there are.
    struct Front: Hashable, Sendable {
        /// The FastCGI socket that all fronts accept on; at most 107 bytes.
        var socket = "/run/jobd/fastcgi.sock"
        var processes = 2
        /// Threads that read requests.
        var threads = 4
        /// Uploads that may arrive at the same time.
        var uploads = 256
        var maxUploadBytes: Int64 = 4_294_967_296
        /// Other sites whose pages may use the API, by their origins.
        var allowedOrigins: [String]?
        /// How long the sender of an upload may be silent.
        var uploadIdle = Duration.seconds(60)
        /// How long a request waits for a daemon that is away.
        var daemonWait = Duration.seconds(10)
        /// How long a stream waits for a job that does not exist.
        var creationGrace = Duration.milliseconds(600)
        /// How long requests may take to end when the front is stopped.
        var stopGrace = Duration.seconds(10)
    }

    /// A named queue.
    struct Queue: Hashable, Sendable {
        /// How many of its jobs run at the same time; nil: one for each core, at least 2.
        var width: Int?
    }

    /// What is logged, and everything above it; the words are swift-log's.
    enum LogLevel: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }
}

/// What happens to the files of a job, as the configuration writes it.
struct PipelineSettings: Hashable, Sendable {
    var queue = "default"
    var maxAttempts = 1
    /// The most time for all steps of one attempt together; nil: no limit.
    var timeout: Duration?
    var steps: [StepSettings] = []
}

/// One step of a pipeline, as the configuration writes it.
struct StepSettings: Hashable, Sendable {
    /// Unique in its pipeline.
    var name: String
    var action: Step.Action
    /// Patterns of media types (`image/*`); nil: the step always runs.
    var when: [String]?
    /// Its share of the progress bar, more than 0.
    var weight = 1.0
    /// The most time that it may take; nil: as long as its pipeline.
    var timeout: Duration?
    /// The most time without a line of output; nil: no limit.
    var silence: Duration?
}
