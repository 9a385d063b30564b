import JobModel
import JobWire
import NIOCore

/// The open WebSockets of one front.
///
/// Lives on the event loop.
final class Sockets {
    let loop: any EventLoop
    let link: DaemonLink
    let topics: Topics
    private let readers: Readers
    let waits: JobWaits
    let refusals: RefusalTeller
    /// What all of them may hold together: messages that arrive or wait for their answers, and what slow clients have not
    /// taken.
    private let maximumBytes: Int
    private var heldBytes = 0
    private var sessions: [ObjectIdentifier: SocketSession] = [:]

    init(
        link: DaemonLink, topics: Topics, readers: Readers, waits: JobWaits, refusals: RefusalTeller,
        maximumBytes: Int, on loop: any EventLoop
    ) {
        self.loop = loop
        self.link = link
        self.topics = topics
        self.readers = readers
        self.waits = waits
        self.refusals = refusals
        self.maximumBytes = maximumBytes
    }

    /// Begins a session for whoever asked for a socket.
    func open(for caller: Caller) -> SocketSession {
        let session = SocketSession(for: caller, of: self)
        sessions[ObjectIdentifier(session)] = session
        readers.add(session)
        return session
    }

    func ended(_ session: SocketSession) {
        sessions[ObjectIdentifier(session)] = nil
        readers.remove(session)
    }

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
}
