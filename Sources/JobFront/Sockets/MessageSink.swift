package import NIOCore

/// A connection that carries messages both ways, to one client; on the event loop.
package protocol MessageSink: AnyObject {
    /// False while the client has not taken what was sent before; the session is told when that changes.
    var isWritable: Bool { get }

    /// Whether a message has begun that has not come whole.
    var isWithinMessage: Bool { get }

    /// Sends one message, whose text stands in these parts.
    func send(_ parts: [ByteBuffer])

    /// Asks for a sign of life.
    func ping()

    /// The session takes messages again.
    func readMore()

    /// Ends the connection once everything is written, and says why.
    func close(_ code: CloseCode, _ reason: String)
}

/// Why a WebSocket ends; RFC 6455, section 7.4.
package enum CloseCode: UInt16, Sendable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case notText = 1003
    case wrongContent = 1007
    case policy = 1008
    case tooBig = 1009
    case internalError = 1011
    case tryAgainLater = 1013
}

/// How a WebSocket ends, and what its client is told.
struct Farewell: Hashable, Sendable {
    let code: CloseCode
    /// A sentence for people; at most 123 bytes go into a frame.
    let reason: String
}
