package import JobModel

/// What a front needs to know.
package struct FrontConfiguration: Sendable {
    /// The daemon's socket; at most 107 bytes.
    package var controlSocket: String
    /// Where uploads and artifacts are: the daemon's `storage.directory`.
    package var storageDirectory: String
    /// How long a web server may be silent while a request is read.
    package var receiveTimeout: Duration
    /// Uploads that may arrive at the same time.
    package var maximumUploads: Int
    /// Small bodies that may arrive at the same time, piece by piece.
    package var maximumSlowBodies: Int
    /// Requests that may be open at the same time, streams and waits among them.
    package var maximumRequests: Int
    /// What the bodies of open requests may have together.
    package var maximumBodyBytes: Int
    /// Of one file, or of the files of one form together.
    package var maximumUploadBytes: Int64
    /// What uploads leave free on the disk.
    package var minimumFreeBytes: Int64
    /// How long the sender of an upload may be silent.
    package var uploadIdleTimeout: Duration
    /// After how long an upload must have come at its least speed.
    package var uploadGrace: Duration
    /// Origins of other sites whose pages may use the API: `https://app.example.com`.
    package var allowedOrigins: [String]
    /// The names, without ports, under which it may be asked; nil for any.
    package var hosts: [String]?
    /// How long a request waits for a daemon that is away.
    package var daemonWait: Duration
    /// How long a stream waits for a job that does not exist; at most 55 s.
    package var creationGrace: Duration
    /// After how long without the daemon the readers of streams are told so.
    package var noticedAbsence: Duration
    /// How long requests may take to end when the front is stopped.
    package var stopGrace: Duration
    /// Whether a web server that connects over a network is believed when it says who asks.
    package var trustsPeer: Bool
    /// What may be done by somebody who does not say who he is.
    package var anonymous: Anonymous
    /// Whether pages of other sites that are named may send cookies along.
    package var allowCredentials: Bool

    package init(
        controlSocket: String, storageDirectory: String, receiveTimeout: Duration = .seconds(5),
        maximumUploads: Int = 256, maximumSlowBodies: Int = 128, maximumRequests: Int = 20_000,
        maximumBodyBytes: Int = 134_217_728, maximumUploadBytes: Int64 = 4_294_967_296,
        minimumFreeBytes: Int64 = 0, uploadIdleTimeout: Duration = .seconds(60), uploadGrace: Duration = .seconds(30),
        allowedOrigins: [String] = [], hosts: [String]? = nil, daemonWait: Duration = .seconds(10),
        creationGrace: Duration = .milliseconds(600), noticedAbsence: Duration = .seconds(2),
        stopGrace: Duration = .seconds(10), trustsPeer: Bool = false,
        anonymous: Anonymous = .ids, allowCredentials: Bool = false
    ) {
        self.controlSocket = controlSocket
        self.storageDirectory = storageDirectory
        self.receiveTimeout = receiveTimeout
        self.maximumUploads = maximumUploads
        self.maximumSlowBodies = maximumSlowBodies
        self.maximumRequests = maximumRequests
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumUploadBytes = maximumUploadBytes
        self.minimumFreeBytes = minimumFreeBytes
        self.uploadIdleTimeout = uploadIdleTimeout
        self.uploadGrace = uploadGrace
        self.allowedOrigins = allowedOrigins
        self.hosts = hosts
        self.daemonWait = daemonWait
        self.creationGrace = creationGrace
        self.noticedAbsence = noticedAbsence
        self.stopGrace = stopGrace
        self.trustsPeer = trustsPeer
        self.anonymous = anonymous
        self.allowCredentials = allowCredentials
    }
}
