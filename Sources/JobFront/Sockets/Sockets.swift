import JobModel
import JobWire
import NIOCore

/// The open WebSockets of one front.
///
/// Lives on the event loop.
final class Sockets {
    /// Between two pings on one socket.
    static let heartbeatSeconds = 15

    let loop: any EventLoop
    let link: DaemonLink
    let topics: Topics
    let waits: JobWaits
    let refusals: RefusalTeller
    /// What all of them may hold together: messages that arrive or wait for their answers, and what slow clients have not
    /// taken.
    private let maximumBytes: Int
    private var heldBytes = 0
    private var sessions: [ObjectIdentifier: SocketSession] = [:]
    private var seconds = 0
    private var timer: RepeatedTask?

    init(
        link: DaemonLink, topics: Topics, waits: JobWaits, refusals: RefusalTeller, maximumBytes: Int,
        on loop: any EventLoop
    ) {
        self.loop = loop
        self.link = link
        self.topics = topics
        self.waits = waits
        self.refusals = refusals
        self.maximumBytes = maximumBytes
        let bound = NIOLoopBound(self, eventLoop: loop)
        timer = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in bound.value.tick() }
    }

    /// How many are open.
    var count: Int { sessions.count }

    /// Begins a session for whoever asked for a socket.
    func open(for caller: Caller) -> SocketSession {
        let session = SocketSession(for: caller, of: self)
        sessions[ObjectIdentifier(session)] = session
        return session
    }

    func ended(_ session: SocketSession) { sessions[ObjectIdentifier(session)] = nil }

    /// Counts what a session holds; when it is too much with that of all the others, the one that holds most is ended.
    func hold(_ count: Int) {
        heldBytes += count
        while heldBytes > maximumBytes,
            let largest = sessions.values.max(by: { $0.heldBytes < $1.heldBytes }), largest.heldBytes > 0
        {
            largest.drop()
        }
    }

    func release(_ count: Int) { heldBytes -= count }

    /// Has every session end, so that its client comes back, to another front.
    func stop() {
        timer?.cancel()
        for session in sessions.values { session.stop() }
    }

    /// Each second a fifteenth of them gets its ping, so that thousands do not stop the loop at once; and those end whose
    /// tokens have ended.
    private func tick() {
        seconds = (seconds + 1) % Self.heartbeatSeconds
        let now = Timestamp.now
        for (id, session) in sessions {
            session.endWithToken(at: now)
            let turn = UInt(bitPattern: id.hashValue) % UInt(Self.heartbeatSeconds)
            if turn == UInt(seconds) { session.beat() }
        }
    }
}
