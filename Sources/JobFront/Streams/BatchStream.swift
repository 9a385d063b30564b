import JSON
import JobModel
import JobWire
import NIOCore

/// One reader of one batch: what differs from what he was told last, until the batch has ended.
final class BatchStream: EventSource, Reader {
    let isStream = true
    let tokenEnd: Timestamp?
    private let readers: Readers
    private var sink: (any EventSink)?
    private var opening = Opening()
    private var body: ByteBuffer
    private var told: ByteBuffer?
    private var number: Int64 = 0
    private var hasEnded = false

    init(_ body: ByteBuffer, for caller: Caller, among readers: Readers) {
        self.body = body
        self.readers = readers
        tokenEnd = caller.tokenEnd
        readers.add(self)
    }

    /// Whether nothing can follow.
    var isOver: Bool { hasEnded || Self.end(of: body) != nil }

    /// When a batch ended, in milliseconds since 1970; nil while it has not.
    ///
    /// It is the id of the last event, so a reader who names it has seen the end.
    static func end(of body: ByteBuffer) -> Int64? {
        JSONSlices.word("finishedAt", of: body.readableBytesView).flatMap(Timestamp.init)?.milliseconds
    }

    func offer(_ body: ByteBuffer) {
        self.body = body
        if let sink { canWrite(to: sink) }
    }

    func begin(on sink: any EventSink) {
        self.sink = sink
        canWrite(to: sink)
    }

    func canWrite(to sink: any EventSink) {
        guard told != body, sink.isWritable || isOver else { return }
        told = body
        number += 1
        let event = ServerSentEvent.state(version: Self.end(of: body) ?? number, job: body.readableBytesView)
        opening.write(event, to: sink)
        if isOver { sink.end() }
    }

    func beat() { sink?.beat() }

    func tell(isAway: Bool) {
        if let sink { opening.tell(isAway: isAway, to: sink) }
    }

    func interrupt() {
        if let sink { opening.close(sink) }
    }

    func ended() {
        hasEnded = true
        sink = nil
        readers.remove(self)
    }
}
