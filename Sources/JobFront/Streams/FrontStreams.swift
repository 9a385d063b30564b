import JSON
import JobModel
import JobWire
import NIOCore

/// The event streams of one front.
///
/// Lives on the event loop. The daemon is asked for a job when its stream begins, so that no stream begins with a state older
/// than what any client was answered. A stream that is asked for while the daemon is away only says when to come back: an
/// error would end its EventSource for good. One that has begun goes on.
final class FrontStreams {
    private let loop: any EventLoop
    private let link: DaemonLink
    private let topics: Topics
    private let creationGrace: Duration
    private let readers: Readers
    /// Those of batches.
    let batches: BatchStreams

    /// Makes it for a link; `creationGrace` is how long a job that does not exist is waited for.
    init(link: DaemonLink, topics: Topics, readers: Readers, creationGrace: Duration, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
        self.topics = topics
        self.readers = readers
        self.creationGrace = creationGrace
        batches = BatchStreams(link: link, readers: readers, on: loop)
    }

    /// Opens a job's stream.
    ///
    /// - Parameters:
    ///   - jobId: The job, which need not exist yet.
    ///   - context: Who reads it.
    ///   - lastVersion: What the reader saw last; at or above a final version there is nothing left to show.
    /// - Returns: The open stream; 204, 404 or 410; or one that only says when to come back.
    func open(_ jobId: JobID, by context: Context, lastVersion: Int64?) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(ServerSentEvent.comeBack()) }
        let stream = JobStream(of: jobId, for: context.caller, in: topics, among: readers)
        return ask(for: jobId, by: context, waiting: creationGrace)
            .assumeIsolated().map { [self] state in
                if state.isFinal, let lastVersion, lastVersion >= state.version {
                    stream.ended()
                    return HTTPResponse(204)
                }
                stream.update(state)
                return response(stream)
            }
            .recover { error in
                stream.ended()
                return Self.response(for: error)
            }
            .nonisolated()
    }

    /// Opens a stream of several jobs, of which some need not exist yet.
    func open(_ jobIds: [JobID], by context: Context) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(ServerSentEvent.comeBack()) }
        let stream = ChangesStream(of: jobIds, for: context.caller, in: topics, among: readers)
        let asked = jobIds.map { id in
            ask(for: id, by: context, waiting: .zero)
                .assumeIsolated().map { stream.offer($0) }
                .flatMapErrorThrowing { error in
                    switch (error as? Refusal)?.code {
                    case .jobNotFound: break
                    case .jobGone: stream.gone(id)
                    default: throw error
                    }
                }
                .nonisolated()
        }
        return EventLoopFuture.andAllComplete(asked, on: loop)
            .flatMap { [loop] in .andAllSucceed(asked, on: loop) }
            .assumeIsolated().map { [self] in response(stream) }
            .recover { error in
                stream.ended()
                return Self.response(for: error)
            }
            .nonisolated()
    }

    /// Opens a stream of the changes in a queue, or of all.
    func open(queue: String?, by context: Context) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(ServerSentEvent.comeBack()) }
        let stream = ChangesStream(ofQueue: queue, for: context.caller, in: topics, among: readers)
        return loop.makeSucceededFuture(response(stream))
    }

    // MARK: Parts

    private func ask(for jobId: JobID, by context: Context, waiting: Duration) -> EventLoopFuture<JobState> {
        let params: JSONObject = [
            "jobId": .string(jobId.description), "waitSeconds": JSONValue(waiting / .seconds(1)),
        ]
        return link.call(.getJob, JSONValue.object(params).bytes, by: context.caller, resending: .never).flatMapThrowing
        { body in
            guard let state = JobState(job: body.readableBytesView) else {
                throw Refusal(.internalError, "The daemon's answer is not a job.")
            }
            return state
        }
    }

    private func response(_ stream: any EventSource) -> HTTPResponse {
        let source = NIOLoopBound<any EventSource>(stream, eventLoop: loop)
        return HTTPResponse(200, headers: ServerSentEvent.headers, body: .events(source))
    }

    private static func response(for error: any Error) -> HTTPResponse {
        if let refusal = error as? Refusal, refusal.code.mayRetry { return ServerSentEvent.comeBack() }
        return Problem.response(for: error)
    }
}
