import JobModel
import JobWire
import NIOCore

/// One `jobs.watch` of a socket, as a reader of the topics that streams and other sockets read, too.
///
/// Versions strictly rise; a slow client skips to the newest state of each job, never past a final one.
final class SocketWatch: TopicReader {
    /// What may wait for a slow client in a watch without names.
    private static let maximumBacklog = 10_000
    private static let maximumBacklogBytes = 16 * 1024 * 1024
    /// Of the states in a reply; more of them come as notifications.
    private static let maximumReplyBytes = 1024 * 1024

    /// What is told of a job.
    private enum News {
        case changed(JobState)
        /// With the members of `jobs.gone` beside the number of the watch.
        case gone(ByteBuffer)
    }

    /// How its client calls it.
    let number: Int
    /// Whether it says which jobs it watches, be it none.
    let isNamed: Bool
    let names: Set<JobID>
    private let session: SocketSession
    private let topics: Topics
    private var joined: [Topic] = []
    /// Of named jobs: the newest version that was told.
    private var told: [JobID: Int64]
    private var unsent = Backlog<JobID, News>()
    /// Whether its reply has been sent.
    private var isBegun = false
    private(set) var isOver = false

    init(_ number: Int, of subjects: [Topic.Subject], for caller: Caller, in topics: Topics, session: SocketSession) {
        self.number = number
        self.topics = topics
        self.session = session
        isNamed = subjects.allSatisfy { if case .job = $0 { true } else { false } }
        names = Set(subjects.compactMap { if case .job(let id) = $0 { id } else { nil } })
        told = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
        joined = topics.join(self, subjects, for: caller)
        for topic in joined { topic.state.map(offer) }
    }

    /// As how many names it counts.
    var nameCount: Int { isNamed ? max(names.count, 1) : 0 }

    /// Takes the states that are known, but for those whose version the client has; what is left comes as notifications.
    func reply(knowing since: [JobID: Int64]) -> ByteBuffer {
        var body = ByteBuffer(string: #"{"watch":\#(number),"jobs":["#)
        var later: [(JobID, News)] = []
        var shown: Set<JobID> = []
        while let (id, news) = unsent.popFirst() {
            guard case .changed(let state) = news else {
                later.append((id, news))
                continue
            }
            guard state.version > since[id] ?? 0 else { continue }
            guard body.readableBytes < Self.maximumReplyBytes, !shown.contains(id) else {
                later.append((id, news))
                continue
            }
            if !shown.isEmpty { body.writeStaticString(",") }
            shown.insert(id)
            body.writeImmutableBuffer(state.json)
        }
        body.writeStaticString("]}")
        for (id, news) in later { keep(news, of: id) }
        return body
    }

    /// The reply is sent.
    func begin() {
        isBegun = true
        canWrite()
    }

    /// Tells what has not been told, as far as the client takes it.
    func canWrite() {
        while isBegun, !isOver, session.isWritable, let (_, news) = unsent.popFirst() { send(news) }
    }

    func end() {
        isOver = true
        topics.leave(self, joined)
        joined = []
    }

    // MARK: TopicReader

    func offer(_ state: JobState) {
        if isNamed {
            guard let version = told[state.jobId], state.version > version else { return }
            told[state.jobId] = state.version
        }
        tell(.changed(state), of: state.jobId)
    }

    func gone(_ jobId: JobID, _ tombstone: ByteBuffer) {
        if isNamed {
            guard told[jobId] != .max else { return }
            told[jobId] = .max
        }
        tell(.gone(tombstone), of: jobId)
    }

    func interrupt() { session.lag(self) }

    // MARK: Telling

    private func tell(_ news: News, of jobId: JobID) {
        guard !isOver else { return }
        if isBegun, unsent.isEmpty, session.isWritable { return send(news) }
        keep(news, of: jobId)
        guard unsent.count <= Self.maximumBacklog, unsent.weight <= Self.maximumBacklogBytes else {
            return session.lag(self)
        }
    }

    private func keep(_ news: News, of jobId: JobID) {
        switch news {
        // What is named is held by its topic anyway.
        case .changed(let state):
            unsent.put(
                news, isFinal: state.isFinal, weight: isNamed ? 0 : state.event.readableBytes, for: jobId)
        case .gone(let tombstone): unsent.put(news, isFinal: true, weight: tombstone.readableBytes, for: jobId)
        }
    }

    private func send(_ news: News) {
        var head = ByteBuffer()
        head.reserveCapacity(100)
        head.writeStaticString(#"{"jsonrpc":"2.0","method":""#)
        switch news {
        case .changed(let state):
            head.writeStaticString(#"jobs.changed","params":{"watch":"#)
            head.writeString(String(number))
            head.writeStaticString(#","job":"#)
            session.send([head, state.json, Self.end])
        case .gone(let tombstone):
            head.writeStaticString(#"jobs.gone","params":{"watch":"#)
            head.writeString(String(number))
            head.writeStaticString(",")
            session.send([head, tombstone, Self.end])
        }
    }

    private static let end = ByteBuffer(string: "}}")

    /// The message that ends a watch which has missed something.
    var lagged: ByteBuffer {
        ByteBuffer(string: #"{"jsonrpc":"2.0","method":"jobs.lagged","params":{"watch":\#(number)}}"#)
    }
}
