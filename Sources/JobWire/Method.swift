/// The methods of the control protocol.
///
/// A new method needs its section in the protocol page, a case of `Call`, and an answer in the daemon; the compiler asks
/// for the last two.
package enum Method: String, Sendable, CaseIterable {
    case createJob = "jobs.create"
    case getJob = "jobs.get"
    case listJobs = "jobs.list"
    case processJob = "jobs.process"
    case updateJob = "jobs.update"
    case cancelJob = "jobs.cancel"
    case retryJob = "jobs.retry"
    case deleteJob = "jobs.delete"
    case watchJobs = "jobs.watch"
    case unwatchJobs = "jobs.unwatch"
    case readLog = "jobs.logs"
    case beginFile = "files.begin"
    case appendFile = "files.append"
    case commitFile = "files.commit"
    case adoptFile = "files.adopt"
    case getFile = "files.get"
    case deleteFile = "files.delete"
    case readFile = "files.read"
    case getArtifact = "artifacts.get"
    case beginArtifact = "artifacts.begin"
    case appendArtifact = "artifacts.append"
    case commitArtifact = "artifacts.commit"
    case adoptArtifact = "artifacts.adopt"
    case claimWork = "work.claim"
    case renewWork = "work.renew"
    case reportWork = "work.report"
    case completeWork = "work.complete"
    case failWork = "work.fail"
    case releaseWork = "work.release"
    case getInput = "work.input"
    case listQueues = "queues.list"
    case pauseQueue = "queues.pause"
    case resumeQueue = "queues.resume"
    case getStats = "stats.get"
    case getMetrics = "metrics.get"
    case reportFront = "front.report"
    case serverStatus = "server.status"
    case reloadServer = "server.reload"
    case inspectServer = "server.inspect"
    case backUpServer = "server.backup"
    case getSession = "session.get"
    case makeToken = "tokens.make"
    case discover = "rpc.discover"
}

/// What the daemon tells without being asked, to those who watch.
package enum Notification: String, Sendable {
    /// `{"watch": N, "job": {…}}`
    case changed = "jobs.changed"
    /// `{"watch": N, "jobId": "…", "jobStatus": …, "finishedAt": …, "goneAt": …}`
    case gone = "jobs.gone"
    /// `{"watch": N}`: the watch has ended, because the connection was read too slowly.
    case lagged = "jobs.lagged"
}
