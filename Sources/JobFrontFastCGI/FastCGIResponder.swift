import JobFront
import NIOCore

/// The way back of one request: the connection that was taken over from libfcgi, and what sends on such.
struct FastCGIResponder: Responder {
    let connection: FastCGIConnection
    let writer: ResponseWriter

    func send(_ response: HTTPResponse, isHead: Bool) -> EventLoopFuture<Void> {
        writer.send(response, isHead: isHead, on: connection)
    }
}
