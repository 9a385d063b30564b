import JobModel

extension Call {
    /// The method that it is a call of; nil for a command of the daemon's own, which nobody can call.
    package var method: Method? {
        switch self {
        case .command(let command): command.method
        case .getJob: .getJob
        case .changeJobs: .changeJobs
        case .explainJob: .explainJob
        case .getBatch: .getBatch
        case .listJobs: .listJobs
        case .watch: .watchJobs
        case .unwatch: .unwatchJobs
        case .readLog: .readLog
        case .beginFile: .beginFile
        case .appendFile: .appendFile
        case .commitFile: .commitFile
        case .getFile: .getFile
        case .readFile: .readFile
        case .getArtifact: .getArtifact
        case .claim: .claimWork
        case .getInput: .getInput
        case .beginArtifact: .beginArtifact
        case .appendArtifact: .appendArtifact
        case .commitArtifact: .commitArtifact
        case .adoptArtifact: .adoptArtifact
        case .listDeliveries: .listDeliveries
        case .redeliver: .redeliver
        case .takeDeliveries: .takeDeliveries
        case .reportDelivery: .reportDelivery
        case .listQueues: .listQueues
        case .getStats: .getStats
        case .getMetrics: .getMetrics
        case .reportFront: .reportFront
        case .reportUpload: .reportUpload
        case .reportRefusal: .reportRefusal
        case .serverStatus: .serverStatus
        case .reloadServer: .reloadServer
        case .inspectServer: .inspectServer
        case .backUpServer: .backUpServer
        case .getSession: .getSession
        case .makeToken: .makeToken
        case .discover: .discover
        }
    }

    /// Whether it shows jobs that it does not name.
    package var lists: Bool {
        switch self {
        case .listJobs, .watch(nil, _, _): true
        default: false
        }
    }
}

extension Command {
    fileprivate var method: Method? {
        switch self {
        case .create: .createJob
        case .process: .processJob
        case .update: .updateJob
        case .cancel: .cancelJob
        case .retry: .retryJob
        case .delete: .deleteJob
        case .adoptFile: .adoptFile
        case .deleteFile: .deleteFile
        case .createUpload: .createUpload
        case .readUpload: .getUpload
        case .setUploadLength: .setUploadLength
        case .deleteUpload: .deleteUpload
        case .createBatch: .createBatch
        case .cancelBatch: .cancelBatch
        case .putSchedule: .putSchedule
        case .deleteSchedule: .deleteSchedule
        case .runSchedule: .runSchedule
        case .readSchedules: .listSchedules
        case .drain: .drainServer
        case .undrain: .undrainServer
        case .pause: .pauseQueue
        case .resume: .resumeQueue
        case .renew: .renewWork
        case .say(.report, _): .reportWork
        case .say(.complete, _): .completeWork
        case .say(.fail, _): .failWork
        case .say(.release, _): .releaseWork
        // Made of a call of its own.
        case .claim, .say(.artifact, _): nil
        case .report, .finish, .expire, .evict, .forgetUpload, .release, .lose, .syncSchedules, .tick, .recover: nil
        }
    }
}
