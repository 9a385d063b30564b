import JobModel
import JobWire
import NIOCore

/// Which connections are told of which jobs.
struct Watches {
    /// What one connection may watch: names, each time that it names one, and watches without names.
    static let namesOfConnection = 100_000
    static let unnamedOfConnection = 256

    /// One `jobs.watch` of one connection.
    struct Watch {
        let listener: any WatchListener
        /// Nil means all jobs.
        let jobIds: Set<JobID>?
        /// With all jobs: only those of this queue.
        let queue: String?
        /// What the listener may see.
        var access = Access.everything
    }

    /// How a connection's watch is called.
    struct Number: Hashable {
        let value: Int
        /// Whether it names its jobs.
        let isNamed: Bool
    }

    private struct Key: Hashable {
        let connection: ObjectIdentifier
        let number: Int
    }

    /// What one connection watches.
    private struct Share {
        var numbers: Set<Int> = []
        var names = 0
        var unnamed = 0

        mutating func count(_ watch: Watch, by one: Int) {
            if let ids = watch.jobIds { names += one * max(ids.count, 1) } else { unnamed += one }
        }
    }

    private var watches: [Key: Watch] = [:]
    private var byJob: [JobID: Set<Key>] = [:]
    private var ofAll: Set<Key> = []
    private var byConnection: [ObjectIdentifier: Share] = [:]
    private var lastNumber = 0

    var count: Int { watches.count }

    /// Adds a watch; refused when the connection has as many as it may.
    mutating func add(_ watch: Watch) throws(Refusal) -> Number {
        let connection = ObjectIdentifier(watch.listener)
        var share = byConnection[connection] ?? Share()
        share.count(watch, by: 1)
        guard share.names <= Self.namesOfConnection, share.unnamed <= Self.unnamedOfConnection else {
            throw Refusal(
                .tooManyRequests,
                "One connection watches at most \(Self.namesOfConnection) names, and \(Self.unnamedOfConnection) times "
                    + "without names; end other watches first.")
        }
        lastNumber += 1
        share.numbers.insert(lastNumber)
        byConnection[connection] = share
        let key = Key(connection: connection, number: lastNumber)
        watches[key] = watch
        for id in watch.jobIds ?? [] { byJob[id, default: []].insert(key) }
        if watch.jobIds == nil { ofAll.insert(key) }
        return Number(value: lastNumber, isNamed: watch.jobIds != nil)
    }

    /// Ends a watch, if the connection has one of this number.
    ///
    /// - Returns: The jobs that nobody watches by name any more.
    @discardableResult
    mutating func remove(_ number: Int, of listener: any WatchListener) -> [JobID] {
        let key = Key(connection: ObjectIdentifier(listener), number: number)
        guard let watch = watches.removeValue(forKey: key) else { return [] }
        ofAll.remove(key)
        byConnection[key.connection]?.numbers.remove(number)
        byConnection[key.connection]?.count(watch, by: -1)
        if byConnection[key.connection]?.numbers.isEmpty == true { byConnection[key.connection] = nil }
        return (watch.jobIds ?? []).filter { id in
            byJob[id]?.remove(key)
            guard byJob[id]?.isEmpty == true else { return false }
            byJob[id] = nil
            return true
        }
    }

    /// Ends every watch of a connection that has ended.
    ///
    /// - Returns: The jobs that nobody watches by name any more.
    mutating func removeAll(of listener: any WatchListener) -> [JobID] {
        (byConnection[ObjectIdentifier(listener)]?.numbers ?? []).flatMap { remove($0, of: listener) }
    }

    /// Whether somebody is to be told of a change.
    func isWatched(_ id: JobID) -> Bool { !ofAll.isEmpty || isNamed(id) }

    /// Whether somebody watches the job by its name, so that it is kept for him; whoever watches all keeps none.
    func isNamed(_ id: JobID) -> Bool { byJob[id] != nil }

    /// Hands the newest state to everybody who watches the job.
    func tell(_ record: JobRecord, json: ByteBuffer?) {
        for key in ofAll { tell(record, json: json, of: key, isNamed: false) }
        for key in byJob[record.jobId] ?? [] { tell(record, json: json, of: key, isNamed: true) }
    }

    private func tell(_ record: JobRecord, json: ByteBuffer?, of key: Key, isNamed: Bool) {
        guard let watch = watches[key], watch.access.sees(record) else { return }
        if let queue = watch.queue, let job = record.job, job.asked.queue != queue { return }
        watch.listener.changed(record, json: json, watch: Number(value: key.number, isNamed: isNamed))
    }
}

/// A connection that is told of changes; on the daemon's loop.
protocol WatchListener: AnyObject, Sendable {
    /// False once the connection has ended.
    var isActive: Bool { get }

    /// Takes a job's newest state, and replaces an older one that has not been sent yet. Without `json` it is encoded when
    /// it is sent.
    func changed(_ record: JobRecord, json: ByteBuffer?, watch: Watches.Number)
}
