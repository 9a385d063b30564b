import JSON
import JobModel
import JobWire
import NIOCore

/// The watches of one socket.
///
/// Lives on the event loop.
final class SocketWatches {
    /// What one socket may watch: names, each time that it names one, and watches without names.
    static let maximumNames = 1_000
    static let maximumUnnamed = 32
    /// Jobs that are asked for at the same time.
    private static let askedAtOnce = 16

    private let sockets: Sockets
    private var watches: [Int: SocketWatch] = [:]
    private var lastNumber = 0
    private var nameCount = 0
    private var unnamedCount = 0
    /// Those whose replies are made, and leave with what is answered now.
    private var answered: [SocketWatch] = []

    init(_ sockets: Sockets) { self.sockets = sockets }

    /// Begins one; its reply has the present states, which the daemon is asked for each time, so that none of them is older
    /// than what any client was answered.
    ///
    /// - Returns: The result of `jobs.watch`; fails as the daemon refuses it, or when the socket has as many as it may.
    func begin(
        _ jobIds: [JobID]?, queue: String?, since: [JobID: Int64], for caller: Caller, session: SocketSession
    ) throws(Refusal) -> EventLoopFuture<ByteBuffer> {
        let names = Set(jobIds ?? [])
        guard
            jobIds == nil
                ? unnamedCount < Self.maximumUnnamed : nameCount + max(names.count, 1) <= Self.maximumNames
        else {
            throw Refusal(
                .tooManyRequests,
                "One WebSocket watches at most \(Self.maximumNames) names, and \(Self.maximumUnnamed) times without "
                    + "names; end other watches first.")
        }
        lastNumber += 1
        let subjects = jobIds == nil ? [queue.map(Topic.Subject.queue) ?? .all] : names.map(Topic.Subject.job)
        let watch = SocketWatch(lastNumber, of: subjects, for: caller, in: sockets.topics, session: session)
        add(watch)
        let asked =
            names.isEmpty
            ? probe(jobIds, queue: queue, caller)
            : askForJobs(Array(names)[...], for: watch, caller)
        return asked.assumeIsolated()
            .map { [self] in
                answered.append(watch)
                return watch.reply(knowing: since)
            }
            .flatMapErrorThrowing { [self] error in
                end(watch.number)
                throw error
            }
            .nonisolated()
    }

    /// The replies that were made have left: what they announce may follow.
    func beginAnswered() {
        guard !answered.isEmpty else { return }
        let begun = answered
        answered = []
        for watch in begun { watch.begin() }
    }

    var isEmpty: Bool { watches.isEmpty }

    func canWrite() { for watch in watches.values { watch.canWrite() } }

    func end(_ number: Int) {
        guard let watch = watches.removeValue(forKey: number) else { return }
        watch.end()
        count(watch, -1)
    }

    func endAll() { for number in watches.keys { end(number) } }

    private func add(_ watch: SocketWatch) {
        watches[watch.number] = watch
        count(watch, 1)
    }

    private func count(_ watch: SocketWatch, _ one: Int) {
        if watch.isNamed { nameCount += one * watch.nameCount } else { unnamedCount += one }
    }

    // MARK: Asking

    /// A few at a time, because each of them may be large.
    private func askForJobs(
        _ ids: ArraySlice<JobID>, for watch: SocketWatch, _ caller: Caller
    ) -> EventLoopFuture<Void> {
        guard !ids.isEmpty else { return sockets.loop.makeSucceededVoidFuture() }
        let asked = ids.prefix(Self.askedAtOnce).map { askForJob($0, for: watch, caller) }
        return EventLoopFuture.andAllSucceed(asked, on: sockets.loop).assumeIsolated()
            .flatMap { [self] in askForJobs(ids.dropFirst(Self.askedAtOnce), for: watch, caller) }
            .nonisolated()
    }

    private func askForJob(_ id: JobID, for watch: SocketWatch, _ caller: Caller) -> EventLoopFuture<Void> {
        sockets.link.call(.getJob, JSONValue.object(["jobId": .string(id.description)]).bytes, by: caller)
            .assumeIsolated()
            .map { body in JobState(job: body.readableBytesView).map(watch.offer) ?? () }
            .flatMapErrorThrowing { error in
                switch (error as? Refusal)?.code {
                case .jobNotFound: break
                case .jobGone: watch.gone(id, Self.tombstone(of: id, error))
                default: throw error
                }
            }
            .nonisolated()
    }

    /// What `jobs.gone` says of it.
    private static func tombstone(of id: JobID, _ error: any Error) -> ByteBuffer {
        let details = (error as? Refusal)?.details ?? JSONObject()
        var members: JSONObject = ["jobId": .string(id.description)]
        for member in details.members { members[member.key] = member.value }
        // Without its braces.
        return ByteBuffer(bytes: JSONValue.object(members).bytes.dropFirst().dropLast())
    }

    /// Has the daemon say whether the caller may watch what he does not name; a topic has a watch of its own.
    private func probe(_ jobIds: [JobID]?, queue: String?, _ caller: Caller) -> EventLoopFuture<Void> {
        var params = JSONObject()
        if jobIds != nil { params["jobIds"] = .array([]) }
        params["queue"] = queue.map(JSONValue.string)
        let link = sockets.link
        return link.call(.watchJobs, JSONValue.object(params).bytes, by: caller, resending: .never)
            .assumeIsolated()
            .map { reply in
                guard let number = JSONSlices.integer("watch", of: reply.readableBytesView) else { return }
                _ = link.callAsFront(.unwatchJobs, ["watch": JSONValue(number)])
            }
            .nonisolated()
    }
}
