import JobModel
import NIOCore

/// One reader of several jobs, of a queue's, or of all; it does not end when its jobs do.
final class ChangesStream: EventSource, TopicReader, Reader {
    /// A reader that is behind with more jobs than this, or more bytes, comes back and begins anew.
    static let maximumBacklog = 10_000
    static let maximumBacklogBytes = 16 * 1024 * 1024

    let isStream = true
    let tokenEnd: Timestamp?
    private let topics: Topics
    private let readers: Readers
    private var joined: [Topic] = []
    private var sink: (any EventSink)?
    private var opening = Opening()
    private var unsent = Backlog<JobID, ByteBuffer>()

    /// Of named jobs: what is known of each; those that nothing is known of are waited for.
    private var named: [JobID: Progress]?
    private var hasSaidEnd = false

    private struct Progress {
        var version: Int64 = 0
        var isOver = false
    }

    /// A stream of named jobs, which shows their present states first.
    init(of jobIds: [JobID], for caller: Caller, in topics: Topics, among readers: Readers) {
        self.topics = topics
        self.readers = readers
        tokenEnd = caller.tokenEnd
        named = Dictionary(jobIds.map { ($0, Progress()) }) { first, _ in first }
        joined = topics.join(self, (named ?? [:]).keys.map(Topic.Subject.job), for: caller)
        for topic in joined { topic.state.map(offer) }
        readers.add(self)
    }

    /// A stream of a queue's jobs, or of all, which shows changes only.
    init(ofQueue queue: String?, for caller: Caller, in topics: Topics, among readers: Readers) {
        self.topics = topics
        self.readers = readers
        tokenEnd = caller.tokenEnd
        joined = topics.join(self, [queue.map(Topic.Subject.queue) ?? .all], for: caller)
        readers.add(self)
    }

    func offer(_ state: JobState) {
        if let progress = named?[state.jobId] {
            guard state.version > progress.version else { return }
            named?[state.jobId] = Progress(version: state.version, isOver: state.isFinal)
        }
        send(state.unnumberedEvent, isFinal: state.isFinal, of: state.jobId)
    }

    func gone(_ jobId: JobID, _ tombstone: ByteBuffer) { gone(jobId) }

    /// What the daemon said when it was asked for the job.
    func gone(_ jobId: JobID) {
        guard named?[jobId]?.version != .max else { return }
        named?[jobId] = Progress(version: .max, isOver: true)
        send(ServerSentEvent.gone(jobId), isFinal: true, of: jobId)
    }

    func begin(on sink: any EventSink) {
        self.sink = sink
        canWrite(to: sink)
        opening.begin(on: sink)
    }

    func canWrite(to sink: any EventSink) {
        while sink.isWritable, let (_, event) = unsent.popFirst() { opening.write(event, to: sink) }
        guard unsent.isEmpty else { return }
        let isOver = named?.values.allSatisfy(\.isOver) ?? false
        if isOver, !hasSaidEnd { opening.write(ServerSentEvent.end, to: sink) }
        hasSaidEnd = isOver
    }

    private func send(_ event: ByteBuffer, isFinal: Bool, of jobId: JobID) {
        unsent.put(event, isFinal: isFinal, weight: event.readableBytes, for: jobId)
        guard unsent.count <= Self.maximumBacklog, unsent.weight <= Self.maximumBacklogBytes else {
            return interrupt()
        }
        if let sink, sink.isWritable { canWrite(to: sink) }
    }

    func beat() { sink?.beat() }

    func tell(isAway: Bool) {
        if let sink { opening.tell(isAway: isAway, to: sink) }
    }

    func interrupt() {
        guard let sink else { return }
        opening.close(sink)
        self.sink = nil
    }

    func ended() {
        sink = nil
        topics.leave(self, joined)
        readers.remove(self)
        joined = []
    }
}
