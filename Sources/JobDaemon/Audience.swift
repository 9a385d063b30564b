import JobModel
import JobStorage
import JobWire
import NIOCore

/// Those who read and those who are told: what is durable and may be shown, and to whom.
///
/// Lives on the daemon's loop. A class, because telling somebody may bring the next question at once.
final class Audience {
    private var image = CommittedImage()
    private var watches = Watches()
    private var waiters = Waiters()
    /// Lists that are being read.
    private var searches = Searches()

    var watchCount: Int { watches.count }

    var waitCount: Int { waiters.count }

    // MARK: What may be shown

    /// Every active job, and what was used lately.
    var records: some Sequence<JobRecord> { image.records }

    /// Nil when it is not known here; the store may know it.
    func record(_ id: JobID) -> JobRecord? { image.record(id) }

    /// The encoded job; nil when it is not known here, or is gone.
    func json(_ id: JobID) -> ByteBuffer? { image.json(id) }

    /// The encoded form of a record, shared with others where it is the state that is shown.
    func encoded(_ record: JobRecord) -> ByteBuffer? {
        if let current = image.record(record.jobId), current.revision == record.revision {
            return image.json(record.jobId)
        }
        return record.job.map { ByteBuffer(bytes: $0.encoded()) }
    }

    /// The encoded form of a record where somebody was told of it; whoever made it alone gets one that is not kept.
    func known(_ record: JobRecord) -> ByteBuffer? { image.known(record) }

    /// Takes in what a store holds; what is known already is newer.
    ///
    /// - Returns: What is shown from now on.
    @discardableResult
    func admit(_ record: JobRecord) -> JobRecord {
        if let known = image.record(record.jobId) { return known }
        image.set(record)
        return record
    }

    /// Shows what has become durable, and tells of it when anybody can see a difference.
    func show(_ event: JobEvent) {
        // A read may have found a later state, which is durable before it is told.
        if image.update(to: event.after), event.isVisible { tell(event.after) }
    }

    /// Shows what somebody else has stored.
    func show(_ foreign: StoreError.Conflict) {
        for record in foreign.jobs {
            let known = image.record(record.jobId)
            guard known.map({ $0.revision < record.revision }) ?? true else { continue }
            image.set(record)
            if known != nil { tell(record) }
        }
        for case .job(let id) in foreign.missing { image.remove(id) }
    }

    private func tell(_ record: JobRecord) {
        let id = record.jobId
        guard watches.isWatched(id) || waiters.areWaiting(for: id) else { return }
        watches.tell(record, json: encoded(record))
        waiters.tell(record, json: encoded(record))
    }

    /// Drops what was not used for long, and nobody watches by its name.
    func evict(letGo: (JobID) -> Bool) { image.evict(isNeeded: { watches.isNamed($0) }, letGo: letGo) }

    /// Drops what the store has not any more.
    func forget(_ id: JobID) { image.remove(id) }

    /// Gives back the memory of jobs that have left.
    func shrink() { image.shrink() }

    // MARK: Watches

    /// Registers a watch and reads the present states in one turn, so that no change falls between.
    ///
    /// - Returns: The reply, and what is told behind it: a reply has no more than a page, and no tombstones.
    func watch(
        _ ids: [JobID]?, by access: Access, queue: String?, since: [JobID: Int64], for listener: any WatchListener
    ) throws(Refusal) -> (reply: ByteBuffer, watch: Watches.Number, later: [JobRecord]) {
        let watch = try watches.add(
            .init(listener: listener, jobIds: ids.map(Set.init), queue: queue, access: access))
        var body = ByteBuffer(string: #"{"watch":\#(watch.value),"jobs":["#)
        var later: [JobRecord] = []
        var isFirst = true
        for record in (ids ?? []).compactMap({ image.record($0) }) where access.sees(record) {
            if let job = record.job, job.version <= since[job.jobId] ?? 0 { continue }
            guard body.readableBytes < JobList.byteLimit, let json = image.json(record.jobId) else {
                later.append(record)
                continue
            }
            if !isFirst { body.writeStaticString(",") }
            isFirst = false
            body.writeImmutableBuffer(json)
        }
        body.writeStaticString("]}")
        return (body, watch, later)
    }

    func unwatch(_ number: Int, of listener: any WatchListener) {
        for id in watches.remove(number, of: listener) { image.release(id) }
    }

    /// Forgets a connection that has ended.
    func leave(_ listener: any WatchListener) {
        searches.endAll(of: ObjectIdentifier(listener))
        for id in watches.removeAll(of: listener) { image.release(id) }
    }

    // MARK: Waits and lists

    /// Has a request wait for a job to change; `makeTimeout` gets the number with which it gives up.
    func wait(
        for id: JobID, by access: Access, since: Int64, reply: @escaping Reply, makeTimeout: (Int) -> Scheduled<Void>
    ) {
        waiters.add(id) { Waiters.Waiter(access: access, since: since, reply: reply, timeout: makeTimeout($0)) }
    }

    /// Takes out a request for which nothing happened in time; nil when it was answered already.
    func giveUp(_ number: Int, on id: JobID) -> Waiters.Waiter? { waiters.remove(number, from: id) }

    /// Begins to read a list, which ends with its connection; `work` gets its number, with which it ends.
    func beginSearch(for owner: ObjectIdentifier, on loop: any EventLoop, work: (Int) -> Task<Void, Never>) {
        searches.begin(for: owner, on: loop, work: work)
    }

    /// Ends a list; returns whether it had taken as long as it may.
    func endSearch(_ number: Int) -> Bool { searches.end(number) }

    /// Lets everybody go unanswered: their connections are being closed.
    func endWaits() { waiters.removeAll() }
}
