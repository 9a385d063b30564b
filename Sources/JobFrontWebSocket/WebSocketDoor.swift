import Glibc
package import JobFront
package import NIOCore
import NIOHTTP1
import NIOPosix

/// Where a front takes WebSockets: a listening Unix socket, which other fronts may share, and for which a web server passes
/// connections on.
package actor WebSocketDoor: FrontDoor {
    private static let backlog: CInt = 4096

    private let descriptor: CInt
    private var channel: (any Channel)?

    /// Takes the listening socket; whoever may connect to it is believed when it says who asks.
    package init(descriptor: CInt) { self.descriptor = descriptor }

    package func open(for front: Front, on loop: any EventLoop) async throws {
        channel = try await ServerBootstrap(group: loop)
            .serverChannelInitializer { channel in
                // Without a free descriptor no accept succeeds, and the socket stays readable.
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptBackoffHandler())
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let encoder = HTTPResponseEncoder()
                    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
                    try channel.pipeline.syncOperations.addHandlers([
                        encoder, decoder,
                        WebSocketHandshake(http: [encoder, decoder], on: loop, receive: front.receive),
                    ])
                }
            }
            .childChannelOption(.writeBufferWaterMark, value: WebSocketConnection.waterMark)
            .withBoundSocket(descriptor)
            .get()
        // NIO has listened once more, with a backlog of its own, which is smaller.
        _ = Glibc.listen(descriptor, Self.backlog)
    }

    /// Takes no more connections; those that are open end with the front.
    package func close() async { try? await channel?.close() }
}
