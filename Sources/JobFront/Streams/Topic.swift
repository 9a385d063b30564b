import JSON
import JobModel
import NIOCore

/// Who shows a topic; used on the event loop.
protocol TopicReader: AnyObject {
    /// Takes a state, which may be an old one.
    func offer(_ state: JobState)
    /// The job was deleted; with the members of `jobs.gone`, beside the number of the watch.
    func gone(_ jobId: JobID, _ tombstone: ByteBuffer)
    /// Something was missed: a stream ends so that its reader comes back, a wait is answered with what there is.
    func interrupt()
}

/// One watch of the daemon, and the streams that show what it tells.
final class Topic {
    /// What is told, and to whom it may be: readers with the same rights share a topic.
    struct Scope: Hashable {
        let subject: Subject
        let caller: Caller
    }

    enum Subject: Hashable {
        case job(JobID)
        case queue(String)
        case all

        /// The parameters of the watch.
        var params: JSONObject {
            switch self {
            case .job(let id): ["jobIds": [.string(id.description)]]
            case .queue(let name): ["queue": .string(name)]
            case .all: [:]
            }
        }
    }

    let scope: Scope
    /// A job's newest state that the daemon told; nil before the first one, and once the job was deleted.
    private(set) var state: JobState?
    /// The daemon's number of the watch; nil while the daemon is away or has not answered.
    var watch: Int64?
    private var readers: [ObjectIdentifier: any TopicReader] = [:]

    init(_ scope: Scope) {
        self.scope = scope
    }

    var isEmpty: Bool { readers.isEmpty }

    func add(_ reader: any TopicReader) { readers[ObjectIdentifier(reader)] = reader }

    func remove(_ reader: any TopicReader) { readers[ObjectIdentifier(reader)] = nil }

    /// Takes a state from the daemon; of one job those that are not newer change nothing.
    func update(_ newer: JobState) {
        if case .job = scope.subject {
            guard newer.version > state?.version ?? 0 else { return }
            state = newer
        }
        for reader in readers.values { reader.offer(newer) }
    }

    /// The job was deleted; whoever comes now is not shown what it was.
    func gone(_ jobId: JobID, _ tombstone: ByteBuffer) {
        state = nil
        for reader in readers.values { reader.gone(jobId, tombstone) }
    }

    /// Lets those who show it begin anew.
    func interrupt() {
        for reader in readers.values { reader.interrupt() }
    }
}
