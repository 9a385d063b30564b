import JSON
import JobModel
import JobWire
import NIOCore

/// The topics of one front: one watch of the daemon for each, however many streams show it.
///
/// Lives on the event loop.
final class Topics {
    /// How long a watch waits that the daemon refused.
    private static let pauseAfterRefusal = TimeAmount.milliseconds(500)

    private let link: DaemonLink
    private var topics: [Topic.Scope: Topic] = [:]
    private var byWatch: [Int64: Topic] = [:]

    /// Takes over what the link tells.
    init(link: DaemonLink) {
        self.link = link
        link.onConnect = { [unowned self] in watchAll() }
        link.onNotification = { [unowned self] in notified($0, $1) }
    }

    /// The topics, with one reader more.
    func join(_ reader: any TopicReader, _ subjects: [Topic.Subject], for caller: Caller) -> [Topic] {
        // From where somebody asks changes nothing of what he may see.
        let caller = Caller(role: caller.role, owner: caller.owner, token: caller.token)
        return subjects.map { subject in
            let scope = Topic.Scope(subject: subject, caller: caller)
            let topic = topics[scope] ?? Topic(scope)
            topic.add(reader)
            if topics.updateValue(topic, forKey: scope) == nil { watch(topic) }
            return topic
        }
    }

    /// Ends the watches whose last reader it was.
    func leave(_ reader: any TopicReader, _ joined: [Topic]) {
        for topic in joined {
            topic.remove(reader)
            guard topic.isEmpty, topics[topic.scope] === topic else { continue }
            topics[topic.scope] = nil
            guard let number = topic.watch else { continue }
            byWatch[number] = nil
            unwatch(number)
        }
    }

    // MARK: Watches

    /// Asks for a topic's watch; without a daemon nothing is asked, because all are on a new connection.
    private func watch(_ topic: Topic) {
        guard link.isConnected else { return }
        let connection = link.connectionCount
        let scope = topic.scope
        link.call(.watchJobs, JSONValue.object(scope.subject.params).bytes, by: scope.caller, resending: .never)
            .assumeIsolated().whenComplete { [weak self] result in
                guard let self, link.connectionCount == connection else { return }
                switch result {
                case .success(let body): watching(topic, body.readableBytesView)
                // His token has ended meanwhile, which he learns when he comes back.
                case .failure(let refusal as Refusal) where refusal.code == .unauthorized: topic.interrupt()
                case .failure: watchLater(topic, connection)
                }
            }
    }

    /// Asks again: a stream whose watch was refused would be silent for ever.
    private func watchLater(_ topic: Topic, _ connection: Int) {
        link.loop.assumeIsolated().scheduleTask(in: Self.pauseAfterRefusal) { [weak self] in
            guard let self, link.connectionCount == connection, topics[topic.scope] === topic else { return }
            watch(topic)
        }
    }

    private func watching(_ topic: Topic, _ reply: ByteBufferView) {
        guard let number = JSONSlices.integer("watch", of: reply) else { return }
        guard topics[topic.scope] === topic else { return unwatch(number) }
        topic.watch = number
        byWatch[number] = topic
        if let jobs = JSONSlices.member("jobs", of: reply), jobs.count > 2,
            let state = JobState(job: jobs.dropFirst().dropLast())
        {
            topic.update(state)
        }
    }

    /// Watches everything again on a new connection.
    private func watchAll() {
        byWatch = [:]
        for topic in topics.values {
            topic.watch = nil
            watch(topic)
        }
    }

    /// The daemon has ended a watch for which this front was too slow: whoever shows it has missed something.
    private func lagged(_ topic: Topic) {
        if let number = topic.watch { byWatch[number] = nil }
        topic.watch = nil
        topic.interrupt()
        if topics[topic.scope] === topic { watch(topic) }
    }

    private func unwatch(_ number: Int64) {
        guard link.isConnected else { return }
        _ = link.callAsFront(.unwatchJobs, ["watch": JSONValue(number)], resending: .never)
    }

    /// All but the number of the watch, without braces.
    private static func tombstone(_ params: ByteBufferView) -> ByteBuffer {
        var members = ByteBuffer()
        JSONSlices.members(of: params) { key, value in
            guard !key.elementsEqual("watch".utf8) else { return true }
            members.writeStaticString(members.readableBytes == 0 ? "\"" : ",\"")
            members.writeBytes(key)
            members.writeStaticString("\":")
            members.writeBytes(value)
            return true
        }
        return members
    }

    private func notified(_ notification: Notification, _ params: ByteBuffer) {
        let params = params.readableBytesView
        guard let topic = JSONSlices.integer("watch", of: params).flatMap({ byWatch[$0] }) else { return }
        switch notification {
        case .changed:
            if let state = JSONSlices.member("job", of: params).flatMap({ JobState(job: $0) }) { topic.update(state) }
        case .gone:
            if let id = JSONSlices.word("jobId", of: params).flatMap(JobID.init) {
                topic.gone(id, Self.tombstone(params))
            }
        case .lagged: lagged(topic)
        }
    }
}
