package import JobModel

extension Method {
    /// What the caller must be allowed.
    package var right: Right {
        switch self {
        case .reportRefusal, .getSession, .discover:
            .public
        case .getJob, .listJobs, .explainJob, .getBatch, .watchJobs, .unwatchJobs, .readLog, .getFile, .getArtifact:
            .read
        case .createJob, .processJob, .createBatch, .beginFile, .appendFile, .commitFile, .adoptFile, .reportUpload,
            .createUpload, .getUpload, .setUploadLength:
            .create
        case .updateJob, .cancelJob, .retryJob, .deleteJob, .cancelBatch, .deleteFile, .deleteUpload:
            .write
        case .readFile, .beginArtifact, .appendArtifact, .commitArtifact, .adoptArtifact, .claimWork, .renewWork,
            .reportWork, .completeWork, .failWork, .releaseWork, .getInput:
            .work
        case .listSchedules, .listDeliveries, .listQueues, .getStats, .getMetrics, .serverStatus, .inspectServer:
            .observe
        case .putSchedule, .deleteSchedule, .runSchedule, .redeliver, .takeDeliveries, .reportDelivery, .changeJobs,
            .pauseQueue, .resumeQueue, .reportFront, .reloadServer, .drainServer, .undrainServer, .backUpServer,
            .makeToken:
            .operate
        }
    }
}
