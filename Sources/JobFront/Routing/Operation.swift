/// The operations of the API's own description, which is also its table of routes.
///
/// What it does not name does not exist, and what it names is answered: the two cannot differ.
///
/// To add a route, describe it in `openapi.json`, add its `operationId` here, and the compiler asks for its handler.
enum Operation: String, CaseIterable, Sendable {
    case createJob, listJobs, getJob, updateJob, deleteJob, cancelJob, retryJob, process, explainJob, changeJobs
    case createBatch, getBatch, cancelBatch, streamBatch
    case listSchedules, putSchedule, deleteSchedule, runSchedule
    case listDeliveries, redeliver
    case streamJob, streamJobs, readLog, getArtifact
    case uploadFiles, getFile, deleteFile
    case createUpload, getUpload, appendUpload, deleteUpload
    case claimWork, renewWork, reportWork, completeWork, failWork, releaseWork, getInput, putArtifact
    case listQueues, pauseQueue, resumeQueue, getStats, getMetrics
    case getSession, openSocket
    case isLive, isReady, describe
}
