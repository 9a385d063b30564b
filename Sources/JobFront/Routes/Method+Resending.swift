import JSON
import JobModel
import JobWire
import NIOCore

/// How a front says things to the daemon on behalf of others, whichever way they came: over HTTP or over a WebSocket.
extension Method {
    /// What becomes of a call whose connection was lost: what would be done twice, or would count otherwise, is not repeated.
    func resending(_ params: JSONValue) -> DaemonLink.Resending {
        // Sent again it could meet the version that it made itself.
        if (params["ifVersion"] ?? .null) != .null { return .never }
        let isRepeatable =
            switch self {
            case .createJob: params["onConflict"] != "reject"
            case .updateJob: params["status"] == nil && params["lines"] == nil
            // Without an id of its own a batch that is sent again would be a second one.
            case .createBatch: (params["batchId"] ?? .null) != .null
            // Lines would be there twice.
            case .reportWork: params["lines"] == nil
            // Sent again it would ask for other jobs, and those of the first time would belong to nobody.
            case .claimWork: false
            case .retryJob, .changeJobs, .runSchedule, .redeliver, .adoptArtifact: false
            // What only reads.
            case .getJob, .listJobs, .explainJob, .watchJobs, .readLog, .getBatch, .listSchedules, .listDeliveries,
                .getFile, .readFile, .getUpload, .getArtifact, .getInput, .listQueues, .getStats, .getMetrics,
                .serverStatus, .getSession, .discover:
                true
            // What leaves the same behind when it is done twice.
            case .processJob, .cancelJob, .deleteJob, .unwatchJobs, .cancelBatch, .putSchedule, .deleteSchedule,
                .adoptFile, .deleteFile, .createUpload, .setUploadLength, .deleteUpload, .renewWork, .completeWork,
                .failWork, .releaseWork, .pauseQueue, .resumeQueue, .drainServer, .undrainServer, .reportUpload:
                true
            // What a front says once, and what it may not say.
            case .reportFront, .reportRefusal, .takeDeliveries, .reportDelivery, .beginFile, .appendFile, .commitFile,
                .beginArtifact, .appendArtifact, .commitArtifact, .reloadServer, .inspectServer, .backUpServer,
                .makeToken:
                false
            }
        return isRepeatable ? .same : .never
    }

    /// The answer to a call that was sent twice, in place of a refusal; nil when the refusal stays.
    ///
    /// A delete that finds nothing has succeeded: its first try removed it.
    func answer(insteadOf refusal: Refusal) -> ByteBuffer? {
        switch (self, refusal.code) {
        case (.deleteJob, .jobGone), (.deleteFile, .fileNotFound), (.deleteUpload, .uploadNotFound),
            (.deleteSchedule, .scheduleNotFound):
            ByteBuffer(string: "{}")
        default: nil
        }
    }

    /// The lease of a worker that does not say how long it is; behind a front no connection stands for him.
    private static let leaseSeconds = 60

    /// The parameters with what a front adds: an id that is made before the first try, so that a call which is sent again
    /// finds its own job, and a lease.
    func completed(_ params: JSONObject) -> JSONObject {
        switch self {
        case .createJob, .processJob: params.with("jobId", or: .string(JobID.random().description))
        case .claimWork: params.with("leaseSeconds", or: JSONValue(Self.leaseSeconds))
        default: params
        }
    }
}

extension JSONObject {
    /// With a value for a member that is left out or null.
    func with(_ name: String, or value: @autoclosure () -> JSONValue) -> JSONObject {
        (self[name] ?? .null) == .null ? with(name, value()) : self
    }
}
