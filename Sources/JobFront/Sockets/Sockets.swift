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
    let budget: SocketBudget
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
        budget = SocketBudget(limit: maximumBytes)
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

    /// Has every session end, so that its client comes back, to another front.
    func stop() {
        timer?.cancel()
        for session in sessions.values { session.stop() }
    }

    /// Each second a fifteenth of them gets its ping, so that thousands do not stop the loop at once.
    private func tick() {
        seconds = (seconds + 1) % Self.heartbeatSeconds
        for (id, session) in sessions {
            let turn = UInt(bitPattern: id.hashValue) % UInt(Self.heartbeatSeconds)
            if turn == UInt(seconds) { session.beat() }
        }
    }
}
