import JobModel
import NIOCore

/// One reader of one job: each version that comes is higher than the one before, and a final one ends it.
///
/// It holds no states of its own but a final one that came before the reader was there; a slow reader skips to the newest.
final class JobStream: EventSource, TopicReader, Reader {
    let isStream = true
    let tokenEnd: Timestamp?
    private let topics: Topics
    private let readers: Readers
    private var joined: [Topic] = []
    private var sink: (any EventSink)?
    private var opening = Opening()
    private var lastVersion: Int64 = 0
    private var final: JobState?

    init(of jobId: JobID, for caller: Caller, in topics: Topics, among readers: Readers) {
        self.topics = topics
        self.readers = readers
        tokenEnd = caller.tokenEnd
        joined = topics.join(self, [.job(jobId)], for: caller)
        readers.add(self)
    }

    /// What the daemon said of the job when it was asked.
    func update(_ state: JobState) { joined.first?.update(state) }

    /// Takes a state, and passes over one that is old or that the reader is too slow for.
    func offer(_ state: JobState) {
        if state.isFinal, final == nil, state.version > lastVersion { final = state }
        guard let sink else { return }
        if let final {
            // Sent even to a slow reader: nothing follows it.
            opening.write(final.event, to: sink)
            sink.end()
        } else if state.version > lastVersion, sink.isWritable {
            lastVersion = state.version
            opening.write(state.event, to: sink)
        }
    }

    /// Whoever comes back is told that it is gone.
    func gone(_ jobId: JobID, _ tombstone: ByteBuffer) { interrupt() }

    func begin(on sink: any EventSink) {
        self.sink = sink
        canWrite(to: sink)
    }

    func canWrite(to sink: any EventSink) {
        guard let state = final ?? joined.first?.state else { return }
        offer(state)
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
