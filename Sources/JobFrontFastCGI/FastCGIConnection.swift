/// A connection whose request was read by libfcgi, and that is now ours to answer on and to close.
struct FastCGIConnection: Sendable {
    let descriptor: CInt
    let requestId: UInt16
    /// Whether the web server has nothing left to send; if it has, closing at once could cost it the answer.
    let isRead: Bool
    /// Whether it stays open for the next request: the web server asks for that, and has sent all of this one.
    let isKept: Bool
}
