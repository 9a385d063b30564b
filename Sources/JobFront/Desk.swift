import JobWire
import NIOCore

/// Answers requests, counts those that are open, and limits what they hold.
///
/// Lives on the event loop.
final class Desk {
    private let loop: any EventLoop
    private let link: DaemonLink
    private let readers: Readers
    private let reporter: FrontReporter
    private let headers: AnswerHeaders
    private let stopGrace: Duration
    private let maximumRequests: Int
    private let maximumBodyBytes: Int
    private var openRequests = 0
    /// Of the bodies of open requests.
    private var bodyBytes = 0
    /// Completed when the last open request ends; nil until the front stops.
    private var drained: EventLoopPromise<Void>?
    private var end: EventLoopFuture<Void>?

    init(
        _ configuration: FrontConfiguration, link: DaemonLink, readers: Readers, reporter: FrontReporter,
        on loop: any EventLoop
    ) {
        self.loop = loop
        self.link = link
        self.readers = readers
        self.reporter = reporter
        headers = AnswerHeaders(configuration)
        stopGrace = configuration.stopGrace
        maximumRequests = configuration.requests.maximumCount
        maximumBodyBytes = configuration.requests.maximumBodyBytes
    }

    /// What answers a request that would make more than may be open; nil when there is room for it.
    func refusal(of entry: APIDocument.Entry) -> HTTPResponse? {
        guard openRequests > maximumRequests || bodyBytes > maximumBodyBytes else { return nil }
        switch entry.operation {
        // An error would end the reader's EventSource for good.
        case .streamJob, .streamJobs, .streamBatch: return ServerSentEvent.comeBack()
        default:
            return Problem.response(Refusal(.tooManyRequests, "Too many requests are open; try again in a moment."))
        }
    }

    /// Has a response made, and sends it.
    func answer(
        _ request: HTTPRequest, _ entry: APIDocument.Entry?, to responder: any Responder,
        _ respond: (HTTPRequest) -> EventLoopFuture<HTTPResponse>
    ) {
        let byteCount = request.body.count
        openRequests += 1
        bodyBytes += byteCount
        // Not as a chain, each link of which would be one more future.
        respond(request).assumeIsolated().whenComplete { [self] result in
            let response = complete(result, to: request, entry)
            responder.send(response, isHead: request.sentMethod == "HEAD").assumeIsolated().whenComplete { [self] _ in
                openRequests -= 1
                bodyBytes -= byteCount
                if openRequests == 0 { drained?.succeed() }
            }
        }
    }

    /// The response to what came of a request, with the headers that every answer carries.
    private func complete(
        _ result: Result<HTTPResponse, any Error>, to request: HTTPRequest, _ entry: APIDocument.Entry?
    ) -> HTTPResponse {
        var response =
            switch result {
            case .success(let response): response
            case .failure(let error): Problem.response(for: error)
            }
        reporter.count(entry?.operation, status: response.status)
        headers.complete(&response, to: request, right: entry?.right)
        return response
    }

    /// Lets the open requests end; may be called twice.
    ///
    /// - Returns: Succeeds when they have, or when they took too long.
    func stop() -> EventLoopFuture<Void> {
        if let end { return end }
        let drained = loop.makePromise(of: Void.self)
        self.drained = drained
        readers.stop()
        reporter.stop()
        if openRequests == 0 { drained.succeed() }
        let timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(stopGrace)) { drained.succeed() }
        let end = drained.futureResult.assumeIsolated().always { [link] _ in
            timeout.cancel()
            link.stop()
        }.nonisolated()
        self.end = end
        return end
    }
}
