import JobWire
import NIOCore

/// Who answers which operation.
struct Routes: Sendable {
    let jobs: JobRoutes
    let batches: BatchRoutes
    let schedules: ScheduleRoutes
    let webhooks: WebhookRoutes
    let streams: StreamRoutes
    let files: FileRoutes
    let uploads: UploadRoutes
    let pieces: PieceRoutes
    let artifacts: ArtifactRoutes
    let work: WorkRoutes
    let service: ServiceRoutes
    let sockets: SocketRoutes

    /// The routes of the API's document; one with fewer names in its path goes first, because it says more.
    var router: Router {
        let entries = APIDocument.entries.sorted { $0.pattern.nameCount < $1.pattern.nameCount }
        return Router(
            routes: entries.flatMap { entry in
                handlers(of: entry.operation).map { Route($0, entry) }
            })
    }

    /// More than one where a form has a handler of its own, which comes first.
    private func handlers(of operation: Operation) -> [Route.Action] {
        switch operation {
        case .createJob: [.answer(jobs.create)]
        case .listJobs: [.answer(jobs.list)]
        case .getJob: [.answer(jobs.get)]
        case .updateJob: [.answer(jobs.update)]
        case .deleteJob: [.answer(jobs.delete)]
        case .cancelJob: [.answer(jobs.cancel)]
        case .retryJob: [.answer(jobs.retry)]
        case .process: [.receiveForm(uploads.processForm), .answer(jobs.process)]
        case .changeJobs: [.answer(jobs.changeAll)]
        case .explainJob: [.answer(jobs.explain)]
        case .createBatch: [.answer(batches.create)]
        case .getBatch: [.answer(batches.get)]
        case .cancelBatch: [.answer(batches.cancel)]
        case .streamBatch: [.answer(batches.stream)]
        case .listSchedules: [.answer(schedules.list)]
        case .putSchedule: [.answer(schedules.put)]
        case .deleteSchedule: [.answer(schedules.delete)]
        case .runSchedule: [.answer(schedules.run)]
        case .listDeliveries: [.answer(webhooks.list)]
        case .redeliver: [.answer(webhooks.redeliver)]
        case .streamJob: [.answer(streams.one)]
        case .streamJobs: [.answer(streams.several)]
        case .readLog: [.answer(jobs.logs)]
        case .getArtifact: [.answer(artifacts.get)]
        case .uploadFiles: [.receiveForm(uploads.receiveForm), .receive(uploads.receiveFile)]
        case .getFile: [.answer(files.get)]
        case .deleteFile: [.answer(files.delete)]
        case .createUpload: [.receive(pieces.create)]
        case .getUpload: [.receive(pieces.get)]
        case .appendUpload: [.receive(pieces.append)]
        case .deleteUpload: [.answer(pieces.delete)]
        case .claimWork: [.answer(work.pass(on: .claimWork))]
        case .renewWork: [.answer(work.pass(on: .renewWork))]
        case .reportWork: [.answer(work.pass(on: .reportWork))]
        case .completeWork: [.answer(work.pass(on: .completeWork))]
        case .failWork: [.answer(work.pass(on: .failWork))]
        case .releaseWork: [.answer(work.pass(on: .releaseWork))]
        case .getInput: [.answer(work.input)]
        case .putArtifact: [.receive(work.putArtifact)]
        case .listQueues: [.answer(service.queues)]
        case .pauseQueue: [.answer(service.pause)]
        case .resumeQueue: [.answer(service.resume)]
        case .getStats: [.answer(service.stats)]
        case .getMetrics: [.answer(service.metrics)]
        case .getSession: [.answer(service.session)]
        case .openSocket: [.answer(sockets.open)]
        case .isLive: [.answer(service.live)]
        case .isReady: [.answer(service.ready)]
        case .describe: [.answer(service.describe)]
        }
    }
}
