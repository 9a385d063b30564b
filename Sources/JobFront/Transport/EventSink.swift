package import NIOCore

/// A response that stays open for events, to one reader; on the event loop.
package protocol EventSink: AnyObject {
    /// False while the reader has not taken what was written before; the source is told when that changes.
    var isWritable: Bool { get }

    /// Writes text: whole events, or comments.
    func write(_ text: ByteBuffer)

    /// Ends the response once everything is written.
    func end()
}

extension EventSink {
    /// Shows that the stream goes on; one that is not read is let be.
    func beat() { if isWritable { write(ServerSentEvent.heartbeat) } }
}
