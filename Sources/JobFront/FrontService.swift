import JobFiles
import JobSystem
import Logging
import NIOCore

/// What answers requests on the event loop, and counts those that are open.
final class FrontService {
    let router: Router
    private let loop: any EventLoop
    private let link: DaemonLink
    let uploads: UploadThreads
    private let streams: JobStreams
    private let reporter: FrontReporter
    private let writer: ResponseWriter
    private let stopGrace: Duration
    private let origins: OriginPolicy
    private var openRequests = 0
    /// Completed when the last open request ends; nil until the front stops.
    private var drained: EventLoopPromise<Void>?

    /// Makes a service whose connections the listener takes back for further requests, where it can.
    ///
    /// - Throws: `SystemError` when the storage directory cannot be used.
    init(
        configuration: FrontConfiguration, on loop: any EventLoop, logger: Logger,
        listener: FastCGIListener
    ) throws {
        let files = try FilesArea(directory: configuration.storageDirectory)
        self.loop = loop
        stopGrace = configuration.stopGrace
        origins = OriginPolicy(allowed: configuration.allowedOrigins)
        writer = ResponseWriter(loop: loop, keep: listener.keep, forget: listener.forget)
        link = DaemonLink(path: configuration.controlSocket, wait: configuration.daemonWait, on: loop, logger: logger)
        let topics = Topics(link: link)
        streams = JobStreams(link: link, topics: topics, creationGrace: configuration.creationGrace, on: loop)
        uploads = UploadThreads(limit: configuration.maximumUploads)
        reporter = FrontReporter(link: link, streams: streams, uploads: uploads)
        let waits = NIOLoopBound(JobWaits(link: link, topics: topics, on: loop), eventLoop: loop)
        let link = NIOLoopBound(link, eventLoop: loop)
        let reader = UploadReader(
            area: files, room: StorageRoom(area: files, minimumFreeBytes: configuration.minimumFreeBytes),
            maximumBytes: configuration.maximumUploadBytes)
        router =
            Routes(
                jobs: JobRoutes(link: link, streams: NIOLoopBound(streams, eventLoop: loop), waits: waits),
                files: FileRoutes(link: link),
                uploads: UploadRoutes(link: link, reader: reader), artifacts: ArtifactRoutes(link: link, files: files),
                service: ServiceRoutes(link: link)
            ).router
        self.link.start()
        reporter.start()
    }

    /// Sends the response when it is there, and closes the connection.
    func answer(
        _ request: HTTPRequest, on connection: FastCGIConnection, with response: EventLoopFuture<HTTPResponse>
    ) {
        openRequests += 1
        response.assumeIsolated()
            .recover { Problem.response(for: $0) }
            .flatMap { [writer, origins, reporter] response in
                var response = response
                reporter.count(request.operation, status: response.status)
                response.headers += origins.headers(for: request)
                return writer.send(response, isHead: request.method == "HEAD", on: connection)
            }
            .whenComplete { [self] _ in
                openRequests -= 1
                if openRequests == 0 { drained?.succeed() }
            }
    }

    /// Lets the open requests end.
    ///
    /// - Returns: Succeeds when they have, or when they took too long.
    func stop() -> EventLoopFuture<Void> {
        let drained = loop.makePromise(of: Void.self)
        self.drained = drained
        streams.stop()
        reporter.stop()
        if openRequests == 0 { drained.succeed() }
        let timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(stopGrace)) { drained.succeed() }
        return drained.futureResult.assumeIsolated().always { [link] _ in
            timeout.cancel()
            link.stop()
        }.nonisolated()
    }
}
