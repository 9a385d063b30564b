/// Whether the client of a socket is still there, by what is seen of it between two looks, which are
/// ``Readers/heartbeatSeconds`` apart.
struct SocketPulse {
    /// Looks at a message that has begun, after which it has taken too long: more than 30 seconds.
    private static let maximumMessageBeats = 2
    /// Signs of life without an answer, after which nobody is there: two minutes, as for streams.
    private static let maximumQuietBeats = 8

    private var quietBeats = 0
    private var messageBeats = 0

    /// The client has shown that it is there.
    mutating func sawLife() { quietBeats = 0 }

    /// A message has come whole.
    mutating func tookMessage() { messageBeats = 0 }

    /// Looks; answers why the connection has to end, nil when it goes on.
    mutating func beat(isWithinMessage: Bool) -> Farewell? {
        messageBeats = isWithinMessage ? messageBeats + 1 : 0
        guard messageBeats <= Self.maximumMessageBeats else {
            return Farewell(code: .policy, reason: "A message took longer than half a minute.")
        }
        quietBeats += 1
        guard quietBeats <= Self.maximumQuietBeats else {
            return Farewell(code: .internalError, reason: "No sign of life has come for two minutes.")
        }
        return nil
    }
}
