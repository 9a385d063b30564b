import JobModel
import JobWire
import NIOCore

/// Who is told of which jobs.
struct Watches {
    /// One `jobs.watch` of one connection.
    struct Watch {
        let listener: any WatchListener
        /// Nil means all jobs.
        let jobIds: Set<JobID>?
        /// With all jobs: only those of this queue.
        let queue: String?
    }

    struct Key: Hashable {
        let connection: ObjectIdentifier
        let number: Int
    }

    private var watches: [Key: Watch] = [:]
    private var byJob: [JobID: Set<Key>] = [:]
    private var ofAll: Set<Key> = []
    private var lastNumber = 0

    var count: Int { watches.count }

    mutating func add(_ watch: Watch) -> Int {
        lastNumber += 1
        let key = Key(connection: ObjectIdentifier(watch.listener), number: lastNumber)
        watches[key] = watch
        if let jobIds = watch.jobIds {
            for id in jobIds { byJob[id, default: []].insert(key) }
        } else {
            ofAll.insert(key)
        }
        return lastNumber
    }

    /// Ends a watch; false when the connection has none of this number.
    @discardableResult
    mutating func remove(_ number: Int, of listener: any WatchListener) -> Bool {
        remove(Key(connection: ObjectIdentifier(listener), number: number))
    }

    /// Ends every watch of a connection that has ended.
    mutating func removeAll(of listener: any WatchListener) {
        for key in watches.keys where key.connection == ObjectIdentifier(listener) { remove(key) }
    }

    @discardableResult
    private mutating func remove(_ key: Key) -> Bool {
        guard let watch = watches.removeValue(forKey: key) else { return false }
        ofAll.remove(key)
        for id in watch.jobIds ?? [] {
            byJob[id]?.remove(key)
            if byJob[id]?.isEmpty == true { byJob[id] = nil }
        }
        return true
    }

    func isWatched(_ id: JobID) -> Bool { !ofAll.isEmpty || byJob[id] != nil }

    /// Hands the newest state to everybody who watches the job.
    func tell(_ record: JobRecord, json: ByteBuffer?) {
        for key in ofAll.union(byJob[record.jobId] ?? []) {
            guard let watch = watches[key] else { continue }
            if let queue = watch.queue, let job = record.job, job.queue != queue { continue }
            watch.listener.changed(record, json: json, watch: key.number)
        }
    }
}

/// A connection that is told of changes; on the daemon's loop.
protocol WatchListener: AnyObject, Sendable {
    /// False once the connection has ended.
    var isActive: Bool { get }

    /// Takes a job's newest state, and replaces an older one that has not been sent yet.
    func changed(_ record: JobRecord, json: ByteBuffer?, watch: Int)
}
