package import JSON
package import JobModel

extension Call {
    /// Reads a method's parameters; every wrong one is named by its JSON Pointer.
    ///
    /// A new job whose id nobody chose gets the one that `makeJobId` gives.
    package init(_ method: Method, params: JSONNode?, makeJobId: () -> JobID) throws(Refusal) {
        var fields = try Fields(params)
        switch method {
        case .createJob: self = .command(.create(try fields.creation(makeJobId)))
        case .processJob: self = .command(.process(try fields.process(makeJobId)))
        case .changeJobs: self = .changeJobs(try fields.bulkChange())
        case .explainJob: self = .explainJob(try fields.jobId())
        case .createBatch: self = .command(.createBatch(try fields.batch(makeJobId)))
        case .listSchedules: self = .command(.readSchedules)
        case .putSchedule: self = .command(.putSchedule(try fields.scheduleName(), try fields.plan()))
        case .deleteSchedule: self = .command(.deleteSchedule(try fields.scheduleName()))
        case .runSchedule: self = .command(.runSchedule(try fields.scheduleName()))
        case .getBatch: self = .getBatch(try fields.batchId())
        case .cancelBatch: self = .command(.cancelBatch(try fields.batchId(), reason: try fields.text("reason")))
        case .getJob:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .getJob(
                try fields.jobId(), since: try fields.integer("since", in: 0...Int64.max) ?? 0,
                wait: .milliseconds(Int64(wait * 1000)))
        case .listJobs: self = .listJobs(try fields.query())
        case .updateJob:
            self = .command(
                .update(try fields.jobId(), try fields.update(), ifVersion: try fields.ifVersion()))
        case .cancelJob:
            self = .command(
                .cancel(try fields.jobId(), reason: try fields.text("reason"), ifVersion: try fields.ifVersion()))
        case .retryJob: self = .command(.retry(try fields.jobId(), ifVersion: try fields.ifVersion()))
        case .deleteJob: self = .command(.delete(try fields.jobId(), ifVersion: try fields.ifVersion()))
        case .watchJobs:
            self = .watch(
                jobIds: try fields.jobIds(), queue: try fields.text("queue"), since: try fields.versions("since"))
        case .unwatchJobs: self = .unwatch(try fields.require("watch", in: 1...Int.max))
        case .readLog:
            self = .readLog(
                try fields.jobId(), run: try fields.integer("run", in: 1...Int64.max),
                after: try fields.integer("after", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 1...1000) ?? 500)
        case .createUpload: self = .command(.createUpload(try fields.uploadCreation()))
        case .getUpload: self = .command(.readUpload(try fields.fileId()))
        case .setUploadLength: self = .command(.setUploadLength(try fields.fileId(), try fields.size("length")))
        case .deleteUpload: self = .command(.deleteUpload(try fields.fileId()))
        case .beginFile: self = .beginFile(name: try fields.string("name") ?? "")
        case .appendFile: self = .appendFile(try fields.fileId(), try fields.base64("data"))
        case .commitFile: self = .commitFile(try fields.fileId(), sha256: try fields.string("sha256"))
        case .adoptFile: self = .command(.adoptFile(try fields.file()))
        case .getFile: self = .getFile(try fields.fileId())
        case .deleteFile: self = .command(.deleteFile(try fields.fileId()))
        case .readFile:
            self = .readFile(
                try fields.fileId(), offset: try fields.integer("offset", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 1...1_048_576) ?? 1_048_576)
        case .claimWork:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .claim(try fields.offer(), wait: .milliseconds(Int64(wait * 1000)))
        case .renewWork: self = .command(.renew(try fields.leases()))
        case .reportWork:
            self = .command(
                .say(
                    .report(
                        progress: try fields.number("progress", in: 0...100), step: try fields.settableText("step"),
                        message: try fields.settableText("message"), lines: try fields.lines()), try fields.lease()))
        case .completeWork:
            self = .command(
                .say(.complete(result: try fields.json("result", limit: Limits.resultBytes)), try fields.lease()))
        case .failWork: self = .command(.say(try fields.failure(), try fields.lease()))
        case .releaseWork: self = .command(.say(.release, try fields.lease()))
        case .getInput: self = .getInput(try fields.lease(), try fields.fileId())
        case .beginArtifact:
            self = .beginArtifact(
                try fields.lease(), try fields.artifactName(), mediaType: try fields.text("mediaType", limit: 255))
        case .appendArtifact: self = .appendArtifact(try fields.fileId(), try fields.base64("data"))
        case .commitArtifact: self = .commitArtifact(try fields.fileId(), sha256: try fields.string("sha256"))
        case .adoptArtifact:
            let (lease, name) = (try fields.lease(), try fields.artifactName())
            self = .adoptArtifact(lease, name, try fields.file())
        case .getArtifact:
            self = .getArtifact(
                try fields.jobId(), try fields.artifactName(),
                offset: try fields.integer("offset", in: 0...Int64.max) ?? 0,
                limit: try fields.integer("limit", in: 0...1_048_576) ?? 0)
        case .listDeliveries: self = .listDeliveries(try fields.deliveryQuery())
        case .redeliver: self = .redeliver(try fields.deliveryId())
        case .takeDeliveries:
            let wait = try fields.number("waitSeconds", in: 0...55) ?? 0
            self = .takeDeliveries(wait: .milliseconds(Int64(wait * 1000)))
        case .reportDelivery: self = .reportDelivery(try fields.deliveryId(), try fields.outcome())
        case .listQueues: self = .listQueues
        case .pauseQueue: self = .command(.pause(queue: try fields.queueName()))
        case .resumeQueue: self = .command(.resume(queue: try fields.queueName()))
        case .getStats: self = .getStats
        case .getMetrics: self = .getMetrics
        case .reportFront: self = .reportFront(try fields.frontReport())
        case .reportUpload: self = .reportUpload(try fields.uploadReport())
        case .reportRefusal: self = .reportRefusal(try fields.refusalReport())
        case .serverStatus: self = .serverStatus
        case .reloadServer: self = .reloadServer(tokenKeys: try fields.text("tokenKeys", limit: 65_536))
        case .drainServer: self = .command(.drain)
        case .undrainServer: self = .command(.undrain)
        case .inspectServer: self = .inspectServer
        case .backUpServer:
            guard let directory = try fields.text("directory", limit: 4096) else {
                throw Fields.wrong("directory", "is missing")
            }
            self = .backUpServer(directory: directory)
        case .getSession: self = .getSession
        case .makeToken: self = .makeToken(try fields.tokenOrder())
        case .discover: self = .discover
        }
        try fields.end()
    }
}
