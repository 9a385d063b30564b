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
    private let readers: Readers

    init(link: DaemonLink, readers: Readers, on loop: any EventLoop) {
        self.loop = loop
        self.link = link
        self.readers = readers
    }

    /// Opens a batch's stream; or answers 204 to a reader who has seen its end, or 404, or says when to come back.
    func open(_ id: BatchID, for context: Context, lastVersion: Int64?) -> EventLoopFuture<HTTPResponse> {
        guard link.isConnected else { return loop.makeSucceededFuture(ServerSentEvent.comeBack()) }
        return ask(for: id, context)
            .assumeIsolated().map { [self] body in
                if let lastVersion, let end = BatchStream.end(of: body), lastVersion >= end { return HTTPResponse(204) }
                let stream = BatchStream(body, for: context.caller, among: readers)
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

    private func ask(for id: BatchID, _ context: Context) -> EventLoopFuture<ByteBuffer> {
        link.call(.getBatch, ["batchId": .string(id.description)], for: context, resending: .never)
    }

    private func askAgain(for id: BatchID, _ context: Context, _ stream: BatchStream) {
        loop.assumeIsolated().scheduleTask(in: Self.interval) { [self] in
            guard !stream.isOver else { return }
            ask(for: id, context).assumeIsolated().whenComplete { [self] outcome in
                switch outcome {
                case .success(let body): stream.offer(body)
                case .failure(let refusal as Refusal) where !refusal.code.mayRetry: return stream.interrupt()
                // While the daemon is away the stream stays open.
                case .failure: break
                }
                askAgain(for: id, context, stream)
            }
        }
    }
}
