package import JobModel

/// What a front needs to know.
package struct FrontConfiguration: Sendable {
    /// The daemon's socket; at most 107 bytes.
    package var controlSocket: String
    /// Where uploads and artifacts are: the daemon's `storage.directory`.
    package var storageDirectory: String
    /// The one that has `type-exec`.
    package var executable: String
    package var requests = Requests()
    package var uploads = Uploads()
    package var access = Access()
    /// How long a request waits for a daemon that is away.
    package var daemonWait = Duration.seconds(10)
    /// How long a stream waits for a job that does not exist; at most 55 s.
    package var creationGrace = Duration.milliseconds(600)
    /// After how long without the daemon the readers of streams are told so.
    package var noticedAbsence = Duration.seconds(2)
    /// How long requests may take to end when the front is stopped.
    package var stopGrace = Duration.seconds(10)

    /// Has the usual for everything else.
    package init(controlSocket: String, storageDirectory: String, executable: String) {
        self.controlSocket = controlSocket
        self.storageDirectory = storageDirectory
        self.executable = executable
    }

    /// What requests may hold.
    package struct Requests: Sendable {
        /// Those that may be open at the same time, streams and waits among them.
        package var maximumCount = 20_000
        /// What the bodies of those that are open may have together.
        package var maximumBodyBytes = 134_217_728
        /// Small bodies that may arrive at the same time, piece by piece.
        package var maximumSlowBodies = 128
        /// How long a web server may be silent while a request is read.
        package var receiveTimeout = Duration.seconds(5)
    }

    /// What uploads may hold, and how slow they may be.
    package struct Uploads: Sendable {
        /// Those that may arrive at the same time.
        package var maximumCount = 256
        /// Of one file, or of the files of one form together.
        package var maximumBytes: Int64 = 4_294_967_296
        /// What they leave free on the disk.
        package var minimumFreeBytes: Int64 = 0
        /// How long the sender may be silent.
        package var idleTimeout = Duration.seconds(60)
        /// After how long one must have come at its least speed.
        package var grace = Duration.seconds(30)
    }

    /// Who may ask, and as whom.
    package struct Access: Sendable {
        /// Origins of other sites whose pages may use the API: `https://app.example.com`.
        package var allowedOrigins: [String] = []
        /// Whether these pages may send cookies along.
        package var allowCredentials = false
        /// The names, without ports, under which it may be asked; nil for any.
        package var hosts: [String]?
        /// Whether a web server that connects over a network is believed when it says who asks.
        package var trustsPeer = false
        /// What may be done by somebody who does not say who he is.
        package var anonymous = Anonymous.ids
    }
}
