import JobModel
import JobWire
import NIOCore

/// The event streams of one front: one watch of the daemon for each job, however many streams show it.
///
/// Lives on the event loop.
final class JobStreams {
    /// Seconds between two signs of life on a silent stream.
    static let heartbeatSeconds = 15

    private let loop: any EventLoop
    private let link: DaemonLink
    private let creationGrace: Duration
    private var topics: [JobID: JobTopic] = [:]
    private var topicsByWatch: [Int64: JobTopic] = [:]
    private var seconds = 0
    private var heartbeats: RepeatedTask?

    /// Takes over what the link tells; `creationGrace` is how long a job that does not exist is waited for.
    init(link: DaemonLink, creationGrace: Duration, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
        self.creationGrace = creationGrace
        link.onConnect = { [unowned self] in watchAll() }
        link.onNotification = { [unowned self] in notified($0, $1) }
        let bound = NIOLoopBound(self, eventLoop: loop)
        heartbeats = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.beat()
        }
    }

    /// Opens a job's stream.
    ///
    /// The daemon is asked for the job each time, so that a stream never begins with a state older than what any client
    /// was answered. While it is away the reader is told to come back: an error would end its EventSource for good.
    ///
    /// - Parameters:
    ///   - jobId: The job, which need not exist yet.
    ///   - lastVersion: What the reader saw last; at or above a final version there is nothing left to show.
    /// - Returns: The open stream; 204, 404 or 410; or one that only says when to come back.
    func open(_ jobId: JobID, lastVersion: Int64?) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(Self.comeBack()) }
        let topic = topic(of: jobId)
        let stream = topic.makeStream()
        let (seconds, attoseconds) = creationGrace.components
        let params: JSONObject = [
            "jobId": .string(jobId.description),
            "waitSeconds": JSONValue(Double(seconds) + Double(attoseconds) / 1e18),
        ]
        return link.call(.getJob, JSONValue.object(params).bytes, resending: .never)
            .assumeIsolated().map { body in
                guard let state = JobState(job: body.readableBytesView) else {
                    stream.ended()
                    return Problem.response(Refusal(.internalError, "The daemon's answer is no job."))
                }
                if state.isFinal, let lastVersion, lastVersion >= state.version {
                    stream.ended()
                    return HTTPResponse(204, headers: [.noStore])
                }
                topic.update(state)
                let source = NIOLoopBound<any EventSource>(stream, eventLoop: self.loop)
                return HTTPResponse(200, headers: ServerSentEvent.headers, body: .events(source))
            }
            .recover { error in
                stream.ended()
                if let refusal = error as? Refusal, refusal.code.mayRetry { return Self.comeBack() }
                return Problem.response(for: error)
            }
            .nonisolated()
    }

    private static func comeBack() -> HTTPResponse {
        HTTPResponse(200, headers: ServerSentEvent.headers, body: .bytes(ServerSentEvent.retry()))
    }

    /// Ends every stream so that its reader comes back, to another front.
    func stop() {
        heartbeats?.cancel()
        for topic in topics.values {
            for stream in topic.streams.values { stream.interrupt() }
        }
    }

    // MARK: Watches

    private func topic(of jobId: JobID) -> JobTopic {
        if let topic = topics[jobId] { return topic }
        let topic = JobTopic(jobId) { [unowned self] in drop($0) }
        topics[jobId] = topic
        watch(topic)
        return topic
    }

    private func watch(_ topic: JobTopic) {
        let params: JSONObject = ["jobIds": [.string(topic.jobId.description)]]
        link.call(.watchJobs, JSONValue.object(params).bytes, resending: .never)
            .assumeIsolated().whenSuccess { [weak self] body in self?.watching(topic, body.readableBytesView) }
    }

    private func watching(_ topic: JobTopic, _ reply: ByteBufferView) {
        guard let number = JSONSlices.integer("watch", of: reply) else { return }
        guard topics[topic.jobId] === topic else { return unwatch(number) }
        topic.watch = number
        topicsByWatch[number] = topic
        if let jobs = JSONSlices.member("jobs", of: reply), jobs.count > 2,
            let state = JobState(job: jobs.dropFirst().dropLast())
        {
            topic.update(state)
        }
    }

    /// Watches everything again on a new connection.
    private func watchAll() {
        topicsByWatch = [:]
        for topic in topics.values {
            topic.watch = nil
            watch(topic)
        }
    }

    private func drop(_ topic: JobTopic) {
        topics[topic.jobId] = nil
        guard let number = topic.watch else { return }
        topicsByWatch[number] = nil
        unwatch(number)
    }

    private func unwatch(_ number: Int64) {
        guard link.isConnected else { return }
        _ = link.call(.unwatchJobs, JSONValue.object(["watch": JSONValue(number)]).bytes, resending: .never)
    }

    private func notified(_ notification: Notification, _ params: ByteBuffer) {
        let params = params.readableBytesView
        guard let topic = JSONSlices.integer("watch", of: params).flatMap({ topicsByWatch[$0] }) else { return }
        switch notification {
        case .changed:
            if let state = JSONSlices.member("job", of: params).flatMap({ JobState(job: $0) }) { topic.update(state) }
        case .gone:
            // Whoever comes back is told that it is gone.
            for stream in topic.streams.values { stream.interrupt() }
        }
    }

    /// Each second a fifteenth of the streams gets its heartbeat, so that thousands do not stop the loop at once.
    private func beat() {
        seconds = (seconds + 1) % Self.heartbeatSeconds
        for topic in topics.values {
            for (id, stream) in topic.streams {
                let turn = UInt(bitPattern: id.hashValue) % UInt(Self.heartbeatSeconds)
                if turn == UInt(seconds) { stream.beat() }
            }
        }
    }
}
