import JSON
import JobModel
import JobWire
import NIOCore

/// Requests that wait for a job's next change, as readers of its topic: a thousand of them cost the daemon one watch.
///
/// Lives on the event loop.
final class JobWaits {
    private let loop: any EventLoop
    private let link: DaemonLink
    private let topics: Topics
    private let readers: Readers

    init(link: DaemonLink, topics: Topics, readers: Readers, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
        self.topics = topics
        self.readers = readers
    }

    /// Answers with the job when its version is above `version`, at once when it has ended, and as it is after the time.
    ///
    /// - Returns: The job's JSON; fails as `jobs.get` does, for a job that does not exist after the time.
    func wait(
        for jobId: JobID, by caller: Caller, above version: Int64, atMost time: Duration
    ) -> EventLoopFuture<ByteBuffer> {
        let wait = JobWait(above: version, promise: loop.makePromise(of: ByteBuffer?.self))
        let joined = topics.join(wait, [.job(jobId)], for: caller)
        readers.add(wait)
        let timeout = loop.assumeIsolated().scheduleTask(in: TimeAmount(time)) { wait.end(with: nil) }
        // Asked after joining, so that no change falls between.
        ask(for: jobId, caller).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let body): JobState(job: body.readableBytesView).map(wait.offer)
            case .failure(let refusal as Refusal) where refusal.code == .jobNotFound: break
            case .failure(let error): wait.promise.fail(error)
            }
        }
        return wait.promise.futureResult.assumeIsolated()
            .flatMap { [self] json in json.map { loop.makeSucceededFuture($0) } ?? ask(for: jobId, caller) }
            .always { [topics, readers] _ in
                timeout.cancel()
                topics.leave(wait, joined)
                readers.remove(wait)
            }
            .nonisolated()
    }

    private func ask(for jobId: JobID, _ caller: Caller) -> EventLoopFuture<ByteBuffer> {
        // Asked for a second time after a wait, which may be longer than what the first one would wait for a daemon.
        link.call(.getJob, JSONValue.object(["jobId": .string(jobId.description)]).bytes, by: caller)
    }
}

/// One request that waits.
private final class JobWait: TopicReader, Reader {
    let isStream = false
    let tokenEnd: Timestamp? = nil
    /// Succeeds with the state that was waited for; with nil when the job is to be asked for once more.
    let promise: EventLoopPromise<ByteBuffer?>
    private let version: Int64
    private var isOver = false

    init(above version: Int64, promise: EventLoopPromise<ByteBuffer?>) {
        self.version = version
        self.promise = promise
    }

    func offer(_ state: JobState) {
        if state.version > version || state.isFinal { end(with: state.json) }
    }

    func gone(_ jobId: JobID, _ tombstone: ByteBuffer) { end(with: nil) }
    func beat() {}
    func tell(isAway: Bool) { if isAway { end(with: nil) } }
    func interrupt() { end(with: nil) }

    func end(with json: ByteBuffer?) {
        guard !isOver else { return }
        isOver = true
        promise.succeed(json)
    }
}
