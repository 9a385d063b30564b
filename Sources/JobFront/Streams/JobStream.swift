import JobModel

/// One reader of one job: strictly rising versions, up to a final one, which ends it.
///
/// It holds no states of its own but a final one that came before the reader was there; a slow reader skips to the newest.
final class JobStream: EventSource {
    private weak var topic: JobTopic?
    private var stream: EventStream?
    private var lastVersion: Int64 = 0
    private var final: JobState?

    init(topic: JobTopic) {
        self.topic = topic
    }

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

    func begin(on stream: EventStream) {
        self.stream = stream
        stream.write(ServerSentEvent.retry())
        canWrite(to: stream)
    }

    func canWrite(to stream: EventStream) {
        guard let state = final ?? topic?.state else { return }
        offer(state)
    }

    func ended() {
        stream = nil
        topic?.remove(self)
    }

    func beat() {
        guard let stream, stream.isWritable else { return }
        stream.write(ServerSentEvent.heartbeat)
    }

    /// Ends the stream so that its reader comes back.
    func interrupt() {
        stream?.write(ServerSentEvent.retry())
        stream?.end()
    }
}

/// A job that is watched for its streams.
final class JobTopic {
    let jobId: JobID
    /// The newest state that the daemon told; nil while there is none.
    private(set) var state: JobState?
    /// The daemon's number of the watch; nil while the daemon is away or has not answered.
    var watch: Int64?
    private(set) var streams: [ObjectIdentifier: JobStream] = [:]
    private let onEmpty: (JobTopic) -> Void

    /// Makes a topic without streams; `onEmpty` is called when its last one has gone.
    init(_ jobId: JobID, onEmpty: @escaping (JobTopic) -> Void) {
        self.jobId = jobId
        self.onEmpty = onEmpty
    }

    func makeStream() -> JobStream {
        let stream = JobStream(topic: self)
        streams[ObjectIdentifier(stream)] = stream
        return stream
    }

    func remove(_ stream: JobStream) {
        guard streams.removeValue(forKey: ObjectIdentifier(stream)) != nil, streams.isEmpty else { return }
        onEmpty(self)
    }

    /// Takes a state from the daemon; those that are not newer change nothing.
    func update(_ newer: JobState) {
        guard newer.version > state?.version ?? 0 else { return }
        state = newer
        for stream in streams.values { stream.offer(newer) }
    }
}
