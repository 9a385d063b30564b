import JobModel

extension Door {
    /// Why a method may not be called through it, whoever asks; nil when it may.
    package func refusal(of method: Method) -> Refusal? {
        allows(method)
            ? nil : Refusal(.forbidden, "This is not for those who come through the socket \(rawValue).")
    }

    private func allows(_ method: Method) -> Bool {
        switch self {
        case .admin: true
        case .operate: [.everybody, .upload].contains(method.kind)
        case .observe: method.kind == .everybody && method.right.isToRead
        case .front: [.everybody, .front].contains(method.kind)
        case .deliver: method.kind == .delivery
        }
    }
}

extension Method {
    /// For whom a method is there.
    fileprivate enum Kind {
        case everybody
        /// For the administrator of the machine alone.
        case administrator
        /// What a front says of what it has done itself.
        case front
        /// For whoever sends messages to webhooks.
        case delivery
        /// For everybody but a front, which stores uploads itself.
        case upload
    }

    fileprivate var kind: Kind {
        switch self {
        case .reloadServer, .backUpServer, .inspectServer, .makeToken: .administrator
        case .adoptFile, .adoptArtifact, .reportFront, .reportUpload, .reportRefusal: .front
        case .takeDeliveries, .reportDelivery: .delivery
        case .beginFile, .appendFile, .commitFile, .beginArtifact, .appendArtifact, .commitArtifact: .upload
        case .createJob, .getJob, .listJobs, .processJob, .updateJob, .cancelJob, .retryJob, .deleteJob, .changeJobs,
            .explainJob, .watchJobs, .unwatchJobs, .readLog, .createBatch, .getBatch, .cancelBatch, .listSchedules,
            .putSchedule, .deleteSchedule, .runSchedule, .listDeliveries, .redeliver, .getFile, .deleteFile, .readFile,
            .createUpload, .getUpload, .setUploadLength, .deleteUpload, .getArtifact, .claimWork, .renewWork,
            .reportWork, .completeWork, .failWork, .releaseWork, .getInput, .listQueues, .pauseQueue, .resumeQueue,
            .getStats, .getMetrics, .serverStatus, .drainServer, .undrainServer, .getSession, .discover:
            .everybody
        }
    }
}
