import JobModel

/// One reader of one job: strictly rising versions, up to a final one, which ends it.
///
/// It holds no states of its own but a final one that came before the reader was there; a slow reader skips to the newest.
final class JobStream: EventSource, TopicReader {
    let isStream = true
    private let topics: Topics
    private var joined: [Topic] = []
    private var stream: EventStream?
    private var lastVersion: Int64 = 0
    private var final: JobState?

    init(of jobId: JobID, in topics: Topics) {
        self.topics = topics
        joined = topics.join(self, [.job(jobId)])
    }

    /// What the daemon said of the job when it was asked.
    func update(_ state: JobState) { joined.first?.update(state) }

    /// Takes a state, and passes over one that is old or that the reader is too slow for.
    func offer(_ state: JobState) {
        if state.isFinal, final == nil, state.version > lastVersion { final = state }
        guard let stream else { return }
        if let final {
            // Sent even to a slow reader: nothing follows it.
            stream.write(final.event)
            stream.end()
        } else if state.version > lastVersion, stream.isWritable {
            lastVersion = state.version
            stream.write(state.event)
        }
    }

    /// Whoever comes back is told that it is gone.
    func gone(_ jobId: JobID) { interrupt() }

    func begin(on stream: EventStream) {
        self.stream = stream
        stream.write(ServerSentEvent.retry())
        canWrite(to: stream)
    }

    func canWrite(to stream: EventStream) {
        guard let state = final ?? joined.first?.state else { return }
        offer(state)
    }

    func beat() {
        guard let stream, stream.isWritable else { return }
        stream.write(ServerSentEvent.heartbeat)
    }

    func interrupt() {
        stream?.write(ServerSentEvent.retry())
        stream?.end()
    }

    func ended() {
        stream = nil
        topics.leave(self, joined)
        joined = []
    }
}
