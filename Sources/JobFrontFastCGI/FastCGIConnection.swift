/// A connection whose request was read by libfcgi, and that is now ours to answer on and to close.
struct FastCGIConnection: Sendable {
    let descriptor: CInt
    let requestId: UInt16
    /// Whether the web server has nothing left to send; if it has, closing at once could cost it the answer.
    let isRead: Bool
    /// Whether the web server asks to have it kept for its next request, which would be read from its first byte.
    let isKept: Bool
}
