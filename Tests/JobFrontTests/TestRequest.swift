import JobFront
import JobWire
import Synchronization

/// A request that has come whole.
final class TestRequest: IncomingRequest {
    let http: HTTPRequest
    let isWhole = true
    private let rest: Mutex<ArraySlice<UInt8>>
    private let responder: TestResponder

    init(_ http: HTTPRequest, body: [UInt8], responder: TestResponder) {
        self.http = http
        rest = Mutex(body[...])
        self.responder = responder
    }

    func read(into buffer: UnsafeMutableBufferPointer<CChar>) throws(Refusal) -> Int {
        let part = rest.withLock { rest in
            let part = Array(rest.prefix(buffer.count))
            rest = rest.dropFirst(part.count)
            return part
        }
        UnsafeMutableRawBufferPointer(buffer).copyBytes(from: part)
        return part.count
    }

    func setReceiveTimeout(_ timeout: Duration) {}

    func takeResponder() -> any Responder { responder }
}
