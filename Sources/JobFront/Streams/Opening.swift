import NIOCore

/// How a stream begins: its first event also says when to come back, because a block that says only this is an empty event
/// to some readers.
struct Opening {
    private var isOver = false

    /// Writes an event, the first with what belongs to the beginning.
    mutating func write(_ event: ByteBuffer, to sink: any EventSink) {
        guard !isOver else { return sink.write(event) }
        isOver = true
        var first = ServerSentEvent.retry()
        first.writeImmutableBuffer(event)
        sink.write(first)
    }

    /// Ends a stream whose reader shall come back, and says when where no event has.
    mutating func close(_ sink: any EventSink) {
        if !isOver { write(ByteBuffer(string: "\n"), to: sink) }
        sink.end()
    }
}
