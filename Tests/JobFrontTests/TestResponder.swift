import JobFront
import NIOCore

/// Hands an answer over as a web server would get it: the head in CGI's form, then the body.
struct TestResponder: Responder {
    let loop: any EventLoop
    let output: AsyncStream<[UInt8]>.Continuation

    func send(_ response: HTTPResponse, isHead: Bool) -> EventLoopFuture<Void> {
        var head = ByteBuffer()
        response.writeHead(into: &head)
        output.yield(Array(head.readableBytesView))
        switch response.body {
        case .none: break
        case .bytes(let bytes): if !isHead { output.yield(Array(bytes.readableBytesView)) }
        case .file(let part): if !isHead { send(part) }
        case .socket(let session): session.value.ended()
        case .events(let source):
            guard isHead else { return stream(source.value) }
            source.value.ended()
        }
        output.finish()
        return loop.makeSucceededVoidFuture()
    }

    private func send(_ part: FilePart) {
        var offset = part.range.lowerBound
        while offset < part.range.upperBound,
            let bytes = try? part.file.read(at: offset, count: Int(part.range.upperBound - offset)),
            bytes.readableBytes > 0
        {
            output.yield(Array(bytes.readableBytesView))
            offset += Int64(bytes.readableBytes)
        }
    }

    /// Feeds the events until the source ends them, or nobody reads any more.
    private func stream(_ source: any EventSource) -> EventLoopFuture<Void> {
        let sink = TestSink(output: output, source: source, closing: loop.makePromise(of: Void.self))
        let bound = NIOLoopBound(sink, eventLoop: loop)
        output.onTermination = { [loop] _ in loop.execute { bound.value.close() } }
        source.begin(on: sink)
        return sink.closing.futureResult
    }
}

/// One open stream; on the event loop.
private final class TestSink: EventSink {
    let isWritable = true
    let closing: EventLoopPromise<Void>
    private let output: AsyncStream<[UInt8]>.Continuation
    private let source: any EventSource
    private var isOver = false

    init(output: AsyncStream<[UInt8]>.Continuation, source: any EventSource, closing: EventLoopPromise<Void>) {
        self.output = output
        self.source = source
        self.closing = closing
    }

    func write(_ text: ByteBuffer) { output.yield(Array(text.readableBytesView)) }

    func end() { output.finish() }

    /// Once, after the last that was written.
    func close() {
        guard !isOver else { return }
        isOver = true
        source.ended()
        closing.succeed()
    }
}
