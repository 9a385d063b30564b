import NIOCore

/// How a stream begins: its first event also says when to come back, because a block that says only this is an empty event
/// to some readers.
struct Opening {
    private var hasSaidWhen = false
    private var hasEvent = false
    private var hasSaidAway = false

    /// Begins where no event may come for long: proxies and readers see at once that the stream is open.
    mutating func begin(on sink: any EventSink) {
        guard !hasSaidWhen else { return }
        hasSaidWhen = true
        sink.write(ServerSentEvent.retry())
    }

    /// Writes an event, the first with what belongs to the beginning.
    mutating func write(_ event: ByteBuffer, to sink: any EventSink) {
        hasEvent = true
        guard !hasSaidWhen else { return sink.write(event) }
        hasSaidWhen = true
        var first = ServerSentEvent.retry()
        first.writeImmutableBuffer(event)
        sink.write(first)
    }

    /// Says that the daemon does not answer, or that it does again, when that is news.
    mutating func tell(isAway: Bool, to sink: any EventSink) {
        guard isAway != hasSaidAway else { return }
        hasSaidAway = isAway
        begin(on: sink)
        sink.write(ServerSentEvent.presence(isAway: isAway))
    }

    /// Ends a stream whose reader shall come back, and says when where no event has.
    mutating func close(_ sink: any EventSink) {
        if !hasEvent { write(ByteBuffer(string: "\n"), to: sink) }
        sink.end()
    }
}
