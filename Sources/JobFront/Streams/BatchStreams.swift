import JSON
import JobModel
import JobWire
import NIOCore

/// The event streams of batches of one front; lives on the event loop.
///
/// The daemon tells of jobs, and a batch changes with each of its jobs: so it is asked now and then how far a batch is, and the
/// reader is told what is new.
final class BatchStreams {
    /// Between two questions about one batch.
    private static let interval = TimeAmount.milliseconds(500)

    private let loop: any EventLoop
    private let link: DaemonLink
    private var streams: [ObjectIdentifier: BatchStream] = [:]

    init(link: DaemonLink, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
    }

    /// Opens a batch's stream; or answers 404, or says when to come back.
    func open(_ id: BatchID, for context: Context) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(ServerSentEvent.comeBack()) }
        return ask(for: id, context)
            .assumeIsolated().map { [self] body in
                let stream = BatchStream(body) { [weak self] stream in self?.streams[ObjectIdentifier(stream)] = nil }
                streams[ObjectIdentifier(stream)] = stream
                askAgain(for: id, context, stream)
                let source = NIOLoopBound<any EventSource>(stream, eventLoop: loop)
                return HTTPResponse(200, headers: ServerSentEvent.headers, body: .events(source))
            }
            .nonisolated()
            .flatMapErrorThrowing { error in
                guard let refusal = error as? Refusal, refusal.code.mayRetry else { throw error }
                return ServerSentEvent.comeBack()
            }
    }

    /// Ends every stream so that its reader comes back, to another front.
    func stop() {
        for stream in streams.values { stream.interrupt() }
    }

    private func ask(for id: BatchID, _ context: Context) -> EventLoopFuture<ByteBuffer> {
        link.call(.getBatch, ["batchId": .string(id.description)], for: context, resending: .never)
    }

    private func askAgain(for id: BatchID, _ context: Context, _ stream: BatchStream) {
        guard streams[ObjectIdentifier(stream)] != nil, !stream.isOver else { return }
        loop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in
            guard streams[ObjectIdentifier(stream)] != nil else { return }
            ask(for: id, context).assumeIsolated().whenComplete { [self] outcome in
                switch outcome {
                case .success(let body): stream.offer(body)
                // While the daemon is away the stream stays open.
                case .failure(let refusal as Refusal) where !refusal.code.mayRetry: return stream.interrupt()
                case .failure: stream.beat()
                }
                askAgain(for: id, context, stream)
            }
        }
    }
}

/// One reader of one batch: what differs from what he was told last, until the batch has ended.
private final class BatchStream: EventSource {
    /// Questions without news between two signs of life.
    private static let quietQuestions = 30

    private let onEnd: (BatchStream) -> Void
    private var sink: (any EventSink)?
    private var opening = Opening()
    private var body: ByteBuffer
    private var told: ByteBuffer?
    private var number = 0
    private var quiet = 0

    init(_ body: ByteBuffer, onEnd: @escaping (BatchStream) -> Void) {
        self.body = body
        self.onEnd = onEnd
    }

    /// Whether nothing can follow.
    var isOver: Bool { JSONSlices.word("status", of: body.readableBytesView) != "open" }

    func offer(_ body: ByteBuffer) {
        self.body = body
        if let sink { canWrite(to: sink) }
        if told == body { beat() }
    }

    func begin(on sink: any EventSink) {
        self.sink = sink
        canWrite(to: sink)
    }

    func canWrite(to sink: any EventSink) {
        guard told != body, sink.isWritable || isOver else { return }
        told = body
        number += 1
        quiet = 0
        opening.write(ServerSentEvent.state(version: Int64(number), job: body.readableBytesView), to: sink)
        if isOver { sink.end() }
    }

    func beat() {
        quiet += 1
        guard quiet >= Self.quietQuestions, let sink, sink.isWritable else { return }
        quiet = 0
        sink.write(ServerSentEvent.heartbeat)
    }

    func interrupt() {
        if let sink { opening.close(sink) }
    }

    func ended() {
        sink = nil
        onEnd(self)
    }
}
