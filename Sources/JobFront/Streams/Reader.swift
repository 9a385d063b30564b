import JobModel

/// Somebody who is shown what changes: by a stream or a WebSocket, or as the answer to a request that waits for it.
///
/// Used on the event loop.
protocol Reader: AnyObject {
    /// Whether it counts among the streams of the front.
    var isStream: Bool { get }
    /// When its token ends; nil for a reader without one.
    var tokenEnd: Timestamp? { get }
    /// Its token has ended: it is shown nothing more.
    func endWithToken()
    /// Shows that the connection goes on.
    func beat()
    /// The daemon has not answered for a while, or does again; may be said twice.
    func tell(isAway: Bool)
    /// Ends, so that whoever reads comes back; a wait is answered with what there is.
    func interrupt()
}

extension Reader {
    /// Whoever comes back is told that his token has ended.
    func endWithToken() { interrupt() }
}
