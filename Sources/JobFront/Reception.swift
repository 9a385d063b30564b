import JobWire
import NIOCore

/// What the listener's thread does with a request: find its route, read its body, hand it to the event loop.
struct Reception: Sendable {
    /// How long a body of at most ``HTTPRequest/bodyLimit`` may take.
    static let bodyTime = Duration.seconds(20)

    let router: Router
    let loop: any EventLoop
    let service: NIOLoopBound<FrontService>
    private let uploadIdleTimeout: Duration
    private let uploads: UploadThreads
    private let origins: OriginPolicy

    init(
        router: Router, uploads: UploadThreads, configuration: FrontConfiguration, loop: any EventLoop,
        service: NIOLoopBound<FrontService>
    ) {
        self.router = router
        self.uploads = uploads
        self.loop = loop
        self.service = service
        uploadIdleTimeout = configuration.uploadIdleTimeout
        origins = OriginPolicy(allowed: configuration.allowedOrigins)
    }

    /// Called on the listener's thread, which waits for nobody: what has not come whole is read on a thread of its own.
    @Sendable func receive(_ request: FastCGIRequest) {
        if let refusal = origins.refusal(of: request.http) { return answer(request, Problem.response(refusal)) }
        let (match, operation) = router.match(request.http)
        request.http.operation = operation
        switch match {
        case .answer(let handler, let captures) where request.isWhole: answer(request) { handler($0, captures) }
        case .answer(let handler, let captures):
            onThread(request) { [self] in answer(request) { handler($0, captures) } }
        case .respond(let response): answer(request, response)
        case .receive(let receiver): receive(request, with: receiver)
        }
    }

    /// Reads a small body to its end, then asks for the response on the event loop.
    private func answer(
        _ request: FastCGIRequest, _ response: @escaping @Sendable (HTTPRequest) -> EventLoopFuture<HTTPResponse>
    ) {
        var http = request.http
        do throws(Refusal) {
            http.body = try request.readBody(within: Self.bodyTime)
        } catch {
            return answer(request, Problem.response(error))
        }
        let connection = request.adopt()
        loop.execute { [http, service] in
            service.value.answer(http, on: connection, with: response(http))
        }
    }

    private func receive(_ request: FastCGIRequest, with receiver: @escaping Route.Receiver) {
        onThread(request) { [self] in
            request.setReceiveTimeout(uploadIdleTimeout)
            let response = receiver(request)
            let connection = request.adopt()
            let http = request.http
            loop.execute { [service] in service.value.answer(http, on: connection, with: response) }
        }
    }

    private func onThread(_ request: FastCGIRequest, _ body: @escaping @Sendable () -> Void) {
        guard !uploads.run(body) else { return }
        answer(
            request,
            Problem.response(Refusal(.tooManyRequests, "Too many uploads arrive at once; try again in a moment.")))
    }

    /// Answers what needs no body; one that comes nevertheless is dropped by the event loop.
    private func answer(_ request: FastCGIRequest, _ response: HTTPResponse) {
        // With its end read, the connection can be closed at once.
        if request.isWhole { _ = try? request.readBody(within: Self.bodyTime) }
        let connection = request.adopt()
        let http = request.http
        loop.execute { [service, loop] in
            service.value.answer(http, on: connection, with: loop.makeSucceededFuture(response))
        }
    }
}
