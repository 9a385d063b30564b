import JobModel
import JobWire
import NIOCore

/// All readers of one front, and what they are told whatever they read: that their connection goes on, that their token has
/// ended, and that the daemon does not answer.
///
/// Lives on the event loop.
final class Readers {
    /// Between two signs of life on a silent connection.
    static let heartbeatSeconds = 15

    private let link: DaemonLink
    private let noticedAbsence: TimeAmount
    private var readers: [ObjectIdentifier: any Reader] = [:]
    /// Whether they were told that the daemon does not answer.
    private var hasToldAbsence = false
    private var seconds = 0
    private var timer: RepeatedTask?

    /// They are told of an absence of the daemon when it has lasted for `noticedAbsence`.
    init(link: DaemonLink, noticedAbsence: Duration) {
        self.link = link
        self.noticedAbsence = TimeAmount(noticedAbsence)
    }

    /// Looks at them once a second from now on.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: link.loop)
        timer = link.loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.tick()
        }
    }

    /// Streams and WebSockets that are open.
    var streamCount: Int { readers.values.count { $0.isStream } }

    func add(_ reader: any Reader) { readers[ObjectIdentifier(reader)] = reader }

    func remove(_ reader: any Reader) { readers[ObjectIdentifier(reader)] = nil }

    /// Ends all of them so that they come back, to another front.
    func stop() {
        timer?.cancel()
        for reader in readers.values { reader.interrupt() }
    }

    /// Each second a fifteenth of them gets its sign of life, so that thousands do not stop the loop at once.
    private func tick() {
        seconds = (seconds + 1) % Self.heartbeatSeconds
        let now = Timestamp.now
        for (id, reader) in readers {
            if let end = reader.tokenEnd, end <= now {
                reader.endWithToken()
                continue
            }
            let turn = UInt(bitPattern: id.hashValue) % UInt(Self.heartbeatSeconds)
            if turn == UInt(seconds) { reader.beat() }
        }
        tellAbsence()
    }

    /// That no news can come, and that they can again: the connections go on meanwhile.
    private func tellAbsence() {
        let isAway = link.awaySince.map { .now() - $0 >= noticedAbsence } ?? false
        defer { hasToldAbsence = isAway }
        // Each second, because those who came meanwhile are told, too.
        guard isAway || hasToldAbsence else { return }
        for reader in readers.values { reader.tell(isAway: isAway) }
    }
}
