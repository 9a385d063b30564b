import JobModel
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
    var access = Access()
    var sandbox = StepSandbox()
    /// What a reload puts in force; the rest wants a restart.
    var live = Live()

    /// What a reload puts in force, as a whole.
    struct Live: Hashable, Sendable {
        /// By name; `default` is always there.
        var queues = ["default": Queue()]
        /// By job type.
        var pipelines: [String: PipelineSettings] = [:]
        /// What is done again and again.
        var schedules: [ScheduleName: Schedule.Plan] = [:]
        /// Who is told of jobs.
        var webhooks: [WebhookName: Webhook] = [:]
        /// The crash that ends a job as `lost`.
        var crashLimit = 3
        /// How long an application that runs a job without a lease may be silent.
        var applicationSilence = Duration.days(7)
        /// How long a worker that holds jobs by its connection may take to come back after a start of the daemon.
        var reconnect = Duration.seconds(10)
        /// What holds for every step that does not say otherwise.
        var stepLimits = LimitSettings.usual
        /// Between being told to stop and being killed.
        var grace = Duration.seconds(5)
        var retention = Retention()
        /// How much there may be, for each owner and in all.
        var quotas = Quotas(
            owner: .init(openJobs: 1_000, storedBytes: 10_737_418_240, uploads: 32, unfinishedUploads: 1_000),
            total: .init(openJobs: 2_000_000, uploads: 256, unfinishedUploads: 100_000))
        var logLevel = LogLevel.info
    }

    /// Whether steps run in rooms.
    struct StepSandbox: Hashable, Sendable {
        /// Whether each runs in a room of its own.
        var steps = Sandbox.Steps.on
        /// The directory with the sockets of the units that run them; empty: the daemon runs them itself.
        var units = ""
    }

    /// Who may do what.
    struct Access: Hashable, Sendable {
        /// Somebody who has neither an owner nor a role nor a token.
        var anonymous = Anonymous.ids
        /// Where the keys of tokens are.
        var keysFile = "/etc/jobd/token-keys"
        /// How far ahead a token may end.
        var tokenLifetime = Duration.days(1)
        var audit = Audit.changes

        /// What the log says of who asked.
        enum Audit: String, CaseIterable, Sendable {
            case changes, all
        }
    }

    /// What a front is told; `jobd dev` also how many there are.
    struct Front: Hashable, Sendable {
        /// The FastCGI socket that all fronts accept on: a path of at most 107 bytes, or an address with a port.
        var socket = "/run/jobd/fastcgi.sock"
        /// The socket for WebSockets, beside it, where it is a path.
        var webSocket: String {
            (socket.lastIndex(of: "/").map { socket[...$0] } ?? "") + "websocket.sock"
        }
        /// Whether who connects by an address with a port is believed when it says who asks.
        var trustsPeer = false
        var processes = 2
        /// Uploads that may arrive at the same time.
        var uploads = 256
        var maxUploadBytes: Int64 = 4_294_967_296
        /// Other sites whose pages may use the API, by their origins.
        var allowedOrigins: [String]?
        /// Whether they may send cookies along.
        var allowCredentials = false
        /// How long the sender of an upload may be silent.
        var uploadIdle = Duration.seconds(60)
        /// How long a request waits for a daemon that is away.
        var daemonWait = Duration.seconds(10)
        /// How long a stream waits for a job that does not exist.
        var creationGrace = Duration.milliseconds(600)
        /// How long requests may take to end when the front is stopped.
        var stopGrace = Duration.seconds(10)
    }

    /// How long things stay.
    struct Retention: Hashable, Sendable {
        /// Ended jobs.
        var ended = Duration.days(30)
        /// Jobs that have not got their input.
        var pending = Duration.days(1)
        /// Files that no job uses.
        var unusedFiles = Duration.days(1)
        /// Resumable uploads that have not come whole, after the last byte that came.
        var unfinishedUploads = Duration.days(1)
        /// Jobs that ended so; nil: as ``ended``.
        var completed: Duration?
        var failed: Duration?
        var cancelled: Duration?
        /// The most ended jobs; nil: no limit.
        var maximumJobs: Int?
        /// The most bytes of their files and artifacts.
        var maximumBytes: Int64?
        /// What is left of deleted jobs.
        var tombstones = Duration.days(90)
    }

    /// A named queue.
    struct Queue: Hashable, Sendable {
        /// How many of its jobs run at the same time; nil: one for each core, at least 2.
        var width: Int?
        /// Among whom its slots go round.
        var fair = Rules.Sharing.Fairness.owner
        /// The most of its jobs with one limit key that run at the same time; nil: no limit.
        var perKey: Int?
    }

    /// What is logged, and everything above it; the words are swift-log's.
    enum LogLevel: String, CaseIterable, Sendable {
        case trace, debug, info, notice, warning, error, critical
    }
}
