import JobWire
import NIOCore
import NIOPosix

/// A connection of raw lines, as a foreign client would have it.
package final class LineConnection: Sendable {
    private let channel: any Channel
    private let stream: AsyncStream<String>

    private init(channel: any Channel, stream: AsyncStream<String>) {
        self.channel = channel
        self.stream = stream
    }

    package static func connect(to path: String) async throws -> LineConnection {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        LineFraming(limit: .max), LineCollector(continuation: continuation),
                    ])
                }
            }
            .connect(unixDomainSocketPath: path)
            .outcome()
        return LineConnection(channel: channel, stream: stream)
    }

    package func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).outcome()
    }

    /// The next line; nil when the other end has closed the connection.
    package func next() async -> String? {
        var iterator = stream.makeAsyncIterator()
        return await iterator.next()
    }

    /// Takes nothing more from the other end until ``resumeReading()``.
    package func pauseReading() async throws { try await channel.setOption(.autoRead, value: false).outcome() }

    package func resumeReading() async throws { try await channel.setOption(.autoRead, value: true).outcome() }

    package func closeOutput() async throws { try await channel.close(mode: .output).outcome() }

    package func close() async throws { try await channel.close().outcome() }
}

private final class LineCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<String>.Continuation

    init(continuation: AsyncStream<String>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        continuation.yield(String(buffer: unwrapInboundIn(data)))
    }

    func channelInactive(context: ChannelHandlerContext) { continuation.finish() }
}
