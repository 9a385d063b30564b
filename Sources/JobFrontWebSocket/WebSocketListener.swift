package import JobFront
package import NIOCore
import NIOHTTP1
import NIOPosix

/// Where a front takes WebSockets: a listening Unix socket, which other fronts may share, and for which a web server passes
/// connections on.
package actor WebSocketListener: FrontTransport {
    private let descriptor: CInt
    private var listener: SharedListener?

    /// Owns the listening socket; whoever may connect to it is believed when it says who asks.
    package init(descriptor: CInt) { self.descriptor = descriptor }

    package func open(for front: Front, on loop: any EventLoop) async throws {
        let listener = try SharedListener(descriptor: descriptor)
        self.listener = listener
        try listener.start { connection in Self.take(connection, for: front, on: loop) }
    }

    /// Takes no more connections; those that are open end with the front.
    package func close() async { await listener?.stop() }

    private static func take(_ connection: CInt, for front: Front, on loop: any EventLoop) {
        _ = ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let encoder = HTTPResponseEncoder()
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandlers([
                        encoder, decoder,
                        WebSocketHandshake(http: [encoder, decoder], on: loop, receive: front.receive),
                    ])
                }
            }
            .channelOption(.recvAllocator, value: WebSocketConnection.receiving)
            .channelOption(.writeBufferWaterMark, value: WebSocketConnection.waterMark)
            .withConnectedSocket(connection)
    }
}
