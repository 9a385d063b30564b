package import JobModel

/// A request's method and parameters, checked.
///
/// Indirect, so that each part of the daemon which passes it on copies a reference.
package indirect enum Call: Hashable, Sendable {
    /// Everything that changes jobs, files or queues.
    case command(Command)
    case getJob(JobID, since: Int64, wait: Duration)
    case explainJob(JobID)
    case changeJobs(BulkChange)
    case getBatch(BatchID)
    case listJobs(JobQuery)
    /// Nil for `jobIds` means all jobs, of one queue if it is given; their versions in `since` are known already.
    case watch(jobIds: [JobID]?, queue: String?, since: [JobID: Int64])
    case unwatch(Int)
    /// Nil for `run` means all runs.
    case readLog(JobID, run: Int64?, after: Int64, limit: Int)
    case beginFile(name: String)
    case appendFile(FileID, [UInt8])
    case commitFile(FileID, sha256: String?)
    case getFile(FileID)
    /// At most `limit` bytes from `offset`.
    case readFile(FileID, offset: Int64, limit: Int)
    /// Asks for jobs, and waits so long until there are some.
    case claim(Offer, wait: Duration)
    /// A file of a job that one holds.
    case getInput(LeaseProof, FileID)
    /// Nil for the media type: what the content says.
    case beginArtifact(LeaseProof, ArtifactName, mediaType: String?)
    case appendArtifact(FileID, [UInt8])
    case commitArtifact(FileID, sha256: String?)
    /// A front has received it, as an upload whose media type is that of the artifact.
    case adoptArtifact(LeaseProof, ArtifactName, JobFile)
    /// At most `limit` bytes from `offset`; without a limit only the description.
    case getArtifact(JobID, ArtifactName, offset: Int64, limit: Int)
    case listDeliveries(DeliveryQuery)
    case redeliver(DeliveryID)
    /// Waits so long until there are some.
    case takeDeliveries(wait: Duration)
    case reportDelivery(DeliveryID, Delivery.Outcome)
    case listQueues
    case getStats
    case getMetrics
    case reportFront(FrontReport)
    case reportUpload(UploadReport)
    case reportRefusal(RefusalReport)
    case serverStatus
    /// With the text of the file of keys, which the daemon may not be able to read; nil: as they are.
    case reloadServer(tokenKeys: String?)
    case inspectServer
    case backUpServer(directory: String)
    /// Who asks, as the daemon sees him.
    case getSession
    case makeToken(TokenOrder)
    case discover
}
