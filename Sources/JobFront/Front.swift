import JobAccess
import JobFiles
import JobWire
package import Logging
package import NIOCore

/// HTTP to commands, of any transport: a request comes in, passes the gates, finds its route, and is answered.
package struct Front: Sendable {
    /// How long a body of at most ``HTTPRequest/bodyLimit`` may take.
    private static let bodyTime = Duration.seconds(20)

    private let router: Router
    private let gates: Gates
    private let refusals: RefusalTeller
    private let loop: any EventLoop
    private let desk: NIOLoopBound<Desk>
    private let uploads: BodyThreads
    private let bodies: BodyThreads
    private let uploadIdleTimeout: Duration
    private let patience: TimeAmount

    /// Makes a front whose answers are made on the loop.
    ///
    /// - Returns: Fails when the storage directory cannot be used.
    package static func make(
        _ configuration: FrontConfiguration, on loop: any EventLoop, logger: Logger
    ) async throws -> Front {
        try await loop.submit { try Front(configuration, on: loop, logger: logger) }.get()
    }

    private init(_ configuration: FrontConfiguration, on loop: any EventLoop, logger: Logger) throws {
        let files = try FilesArea(
            directory: configuration.storageDirectory, types: TypeFinder(executable: configuration.executable))
        let link = DaemonLink(
            path: configuration.controlSocket, wait: configuration.daemonWait, on: loop, logger: logger)
        let topics = Topics(link: link)
        let readers = Readers(link: link, noticedAbsence: configuration.noticedAbsence)
        let streams = FrontStreams(
            link: link, topics: topics, readers: readers, creationGrace: configuration.creationGrace, on: loop)
        uploads = BodyThreads(noun: "uploads", limit: configuration.uploads.maximumCount)
        bodies = BodyThreads(noun: "slow requests", limit: configuration.requests.maximumSlowBodies)
        let waits = NIOLoopBound(JobWaits(link: link, topics: topics, readers: readers, on: loop), eventLoop: loop)
        let bound = NIOLoopBound(link, eventLoop: loop)
        refusals = RefusalTeller(link: bound)
        let sockets = Sockets(
            link: link, topics: topics, readers: readers, waits: waits.value, refusals: refusals,
            maximumBytes: configuration.requests.maximumBodyBytes, on: loop)
        let reporter = FrontReporter(link: link, readers: readers, uploads: uploads)
        desk = NIOLoopBound(
            Desk(configuration, link: link, readers: readers, reporter: reporter, on: loop), eventLoop: loop)
        let reader = UploadReader(
            intake: UploadIntake(
                files, maximumBytes: configuration.uploads.maximumBytes,
                minimumFreeBytes: configuration.uploads.minimumFreeBytes),
            pace: UploadPace(grace: configuration.uploads.grace))
        let sessions = Sessions(link: bound, policy: AccessPolicy(anonymous: configuration.access.anonymous))
        router =
            Routes(
                jobs: JobRoutes(link: bound, waits: waits),
                batches: BatchRoutes(link: bound, streams: NIOLoopBound(streams, eventLoop: loop)),
                schedules: ScheduleRoutes(link: bound), webhooks: WebhookRoutes(link: bound),
                streams: StreamRoutes(loop: loop, streams: NIOLoopBound(streams, eventLoop: loop), sessions: sessions),
                files: FileRoutes(link: bound), uploads: UploadRoutes(link: bound, reader: reader),
                pieces: PieceRoutes(
                    link: bound,
                    reader: PieceReader(
                        intake: reader.intake, pace: reader.pace, idle: configuration.uploads.idleTimeout)),
                artifacts: ArtifactRoutes(link: bound, files: files),
                work: WorkRoutes(link: bound, files: files, reader: reader, sessions: sessions),
                service: ServiceRoutes(link: bound),
                sockets: SocketRoutes(sockets: NIOLoopBound(sockets, eventLoop: loop), sessions: sessions)
            ).router
        gates = Gates(configuration)
        self.loop = loop
        uploadIdleTimeout = configuration.uploads.idleTimeout
        patience = TimeAmount(configuration.daemonWait)
        link.start()
        readers.start()
        reporter.start()
    }

    /// Lets the open requests end, and tells the readers of streams to come back.
    ///
    /// - Returns: Succeeds when they have ended, or when they took too long.
    package func stop() -> EventLoopFuture<Void> { loop.flatSubmit { [desk] in desk.value.stop() } }

    // MARK: On the transport's thread

    /// Takes a request, on a thread that waits for nobody: what has not come whole is read on a thread of its own.
    @Sendable package func receive(_ incoming: any IncomingRequest) {
        var request = incoming.http
        let match = router.match(request).limited(toSockets: request.mayOpenSocket)
        var route: Route?
        if case .route(let found, let captures) = match { (route, request.path) = (found, captures) }
        let context: Context
        do throws(Refusal) {
            context = try Context(of: request, patience: patience)
        } catch {
            return answer(request, route, incoming, Problem.response(error))
        }
        do throws(Refusal) {
            try gates.check(request, for: route, in: context)
        } catch {
            refusals.tell(error, of: request, for: route, in: context)
            return answer(request, route, incoming, Problem.response(error))
        }
        switch match {
        case .respond(let response): answer(request, nil, incoming, response)
        case .route(let route, _):
            switch route.action {
            case .answer(let handler) where incoming.isWhole: answer(request, route, incoming, context, handler)
            case .answer(let handler):
                onThread(of: bodies, request, route, incoming) { [self, request] in
                    answer(request, route, incoming, context, handler)
                }
            case .receive(let receiver), .receiveForm(let receiver):
                onThread(of: uploads, request, route, incoming) { [self, request] in
                    incoming.setReceiveTimeout(uploadIdleTimeout)
                    let response = receiver(request, incoming, context)
                    finish(request, route, incoming) { _ in response }
                }
            }
        }
    }

    /// Reads a small body to its end, then asks for the response on the event loop.
    private func answer(
        _ request: HTTPRequest, _ route: Route, _ incoming: any IncomingRequest, _ context: Context,
        _ handler: @escaping Route.Handler
    ) {
        var request = request
        do throws(Refusal) {
            request.body = try incoming.readAll(announced: request.contentLength, within: Self.bodyTime)
        } catch {
            return answer(request, route, incoming, Problem.response(error))
        }
        finish(request, route, incoming) { [desk, loop] request in
            if let refusal = desk.value.refusal(of: route.entry) { return loop.makeSucceededFuture(refusal) }
            return handler(request, context)
        }
    }

    /// Answers what needs no body; one that comes nevertheless is dropped by the transport.
    private func answer(
        _ request: HTTPRequest, _ route: Route?, _ incoming: any IncomingRequest, _ response: HTTPResponse
    ) {
        // With its end read, the connection can be closed at once.
        if incoming.isWhole { _ = try? incoming.readAll(announced: request.contentLength, within: Self.bodyTime) }
        finish(request, route, incoming) { [loop] _ in loop.makeSucceededFuture(response) }
    }

    private func finish(
        _ request: HTTPRequest, _ route: Route?, _ incoming: any IncomingRequest,
        _ respond: @escaping @Sendable (HTTPRequest) -> EventLoopFuture<HTTPResponse>
    ) {
        let responder = incoming.takeResponder()
        loop.execute { [desk] in desk.value.answer(request, route?.entry, to: responder, respond) }
    }

    private func onThread(
        of threads: BodyThreads, _ request: HTTPRequest, _ route: Route, _ incoming: any IncomingRequest,
        _ body: @escaping @Sendable () -> Void
    ) {
        guard !threads.run(body) else { return }
        let refusal = Refusal(.tooManyRequests, "Too many \(threads.noun) arrive at once; try again in a moment.")
        answer(request, route, incoming, Problem.response(refusal))
    }
}
