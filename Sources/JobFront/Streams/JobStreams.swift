import JSON
import JobModel
import JobWire
import NIOCore

/// The event streams of one front.
///
/// Lives on the event loop. The daemon is asked for the jobs each time, so that a stream never begins with a state older
/// than what any client was answered. While it is away the reader is told to come back: an error would end its EventSource
/// for good.
final class JobStreams {
    /// Seconds between two signs of life on a silent stream.
    static let heartbeatSeconds = 15

    private let loop: any EventLoop
    private let link: DaemonLink
    private let topics: Topics
    private let creationGrace: Duration
    private let noticedAbsence: TimeAmount
    /// Whether readers were told that the daemon does not answer.
    private var hasToldAbsence = false
    /// Those of batches.
    let batches: BatchStreams
    private var seconds = 0
    private var timer: RepeatedTask?

    /// Makes it for a link; `creationGrace` is how long a job that does not exist is waited for, `noticedAbsence` after how long
    /// without the daemon readers are told so.
    init(link: DaemonLink, topics: Topics, creationGrace: Duration, noticedAbsence: Duration, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
        self.topics = topics
        self.creationGrace = creationGrace
        self.noticedAbsence = TimeAmount(noticedAbsence)
        batches = BatchStreams(link: link, on: loop)
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in bound.value.tick() }
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
        let stream = JobStream(of: jobId, for: context.caller, in: topics)
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
        let stream = JobsStream(of: jobIds, for: context.caller, in: topics)
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
        return loop.makeSucceededFuture(response(JobsStream(ofQueue: queue, for: context.caller, in: topics)))
    }

    /// Ends every stream so that its reader comes back, to another front.
    func stop() {
        timer?.cancel()
        for reader in topics.readers.values { reader.interrupt() }
        batches.stop()
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

    /// How many are open.
    var count: Int { topics.readers.values.count { $0.isStream } }

    /// Each second a fifteenth of the streams gets its heartbeat, so that thousands do not stop the loop at once; and those end
    /// whose tokens have ended: their readers come back, and are told so.
    private func tick() {
        seconds = (seconds + 1) % Self.heartbeatSeconds
        let now = Timestamp.now
        for (id, reader) in topics.readers {
            if let end = reader.tokenEnd, end <= now {
                reader.interrupt()
                continue
            }
            let turn = UInt(bitPattern: id.hashValue) % UInt(Self.heartbeatSeconds)
            if turn == UInt(seconds) { reader.beat() }
        }
        tellAbsence()
    }

    /// Tells every reader once that no news can come, and once that they can again: its stream goes on meanwhile.
    private func tellAbsence() {
        let isAway = link.awaySince.map { .now() - $0 >= noticedAbsence } ?? false
        defer { hasToldAbsence = isAway }
        // Those who came meanwhile are told, too.
        guard isAway || hasToldAbsence else { return }
        for reader in topics.readers.values { reader.tell(isAway: isAway) }
    }
}
