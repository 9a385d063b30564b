import CFastCGI
import Glibc
import JobFront
import JobSystem
import JobWire

/// A request as libfcgi reads it; its methods block.
///
/// `@unchecked Sendable`: one thread at a time uses it, the accepting one and then, for an upload, the upload's own.
/// libfcgi keeps pointers to the structure, so it stays where it was allocated.
final class FastCGIRequest: IncomingRequest, @unchecked Sendable {
    let http: HTTPRequest
    let isWhole: Bool
    private let writer: ResponseWriter
    private let request: UnsafeMutablePointer<FCGX_Request>
    /// How long each further piece of the body may take to come.
    private var receiveTimeout: Duration
    private var receivedBytes: Int64 = 0
    private var isAtEnd = false

    /// Reads a new connection, on which a request's head has come, up to its body; owns the descriptor from now on.
    ///
    /// Nil when this is not a request; the descriptor is closed.
    init?(
        accepted descriptor: CInt, isWhole: Bool, believesPeer: Bool, receiveTimeout: Duration, writer: ResponseWriter
    ) {
        self.isWhole = isWhole
        self.receiveTimeout = receiveTimeout
        self.writer = writer
        if !isWhole { Self.setReceiveTimeout(receiveTimeout, of: descriptor) }
        request = .allocate(capacity: 1)
        // libfcgi accepts by itself only when the structure has no connection; this one looks as if it was kept from an
        // earlier request. When it fails, libfcgi wants to accept another, which the listening descriptor -1 refuses.
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        request.pointee.keepConnection = 1
        FCGX_Detach(request)
        // A connection that ends among the parameters counts as their end, except in the stream's error.
        let isRead = FCGX_Accept_r(request) == 0 && FCGX_GetError(request.pointee.in) == 0
        http = HTTPRequest(parameters: isRead ? Self.parameters(request.pointee.envp, believesPeer) : CGIParameters())
        guard isRead else { return nil }
    }

    deinit {
        // Detached: else libfcgi waits up to 2 s for the peer to close.
        FCGX_Detach(request)
        FCGX_Free(request, request.pointee.ipcFd >= 0 ? 1 : 0)
        request.deallocate()
    }

    /// How the parameters begin that jobd looks at; web servers send many more.
    private static let kept: [StaticString] = [
        "HTTP_", "REQUEST_", "CONTENT_", "REMOTE_ADDR=", "SCRIPT_NAME=", "PATH_INFO=", "QUERY_STRING=",
    ]
    /// How those begin by which a web server says who asks.
    private static let identity: StaticString = "JOBD_"

    private static func parameters(_ list: FCGX_ParamArray?, _ believesPeer: Bool) -> CGIParameters {
        var parameters = CGIParameters()
        guard var next = list else { return parameters }
        while let text = next.pointee {
            let pair = UnsafeRawBufferPointer(start: text, count: strlen(text))
            if kept.contains(where: { pair.begins(with: $0) }) || believesPeer && pair.begins(with: identity) {
                parameters.append(pair)
            }
            next += 1
        }
        return parameters
    }

    /// Whether the web server asks to have the connection kept for its next request.
    var isKept: Bool { request.pointee.keepConnection != 0 }

    /// Takes the connection out of libfcgi's hands; only its body may have been read before.
    func takeResponder() -> any Responder {
        let connection = FastCGIConnection(
            descriptor: request.pointee.ipcFd, requestId: UInt16(truncatingIfNeeded: request.pointee.requestId),
            isRead: isAtEnd, isKept: isKept && isAtEnd)
        request.pointee.ipcFd = -1
        return FastCGIResponder(connection: connection, writer: writer)
    }

    func setReceiveTimeout(_ timeout: Duration) {
        receiveTimeout = timeout
        Self.setReceiveTimeout(timeout, of: request.pointee.ipcFd)
    }

    /// For what libfcgi waits for by itself: the rest of a record's header.
    private static func setReceiveTimeout(_ timeout: Duration, of descriptor: CInt) {
        let (seconds, attoseconds) = timeout.components
        var value = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &value, socklen_t(MemoryLayout<timeval>.size))
    }

    // MARK: The body

    /// How long bytes are gathered before they are handed over, in order that few come at once where many follow.
    private static let gatheringTime = Duration.seconds(1)

    func read(into buffer: UnsafeMutableBufferPointer<CChar>) throws(Refusal) -> Int {
        guard !isAtEnd, let start = buffer.baseAddress, let stream = request.pointee.in else { return 0 }
        let end = ContinuousClock.now + Self.gatheringTime
        var count = 0
        repeat {
            // libfcgi takes a wait that is interrupted for the end of the body.
            guard isSomethingThere(in: stream, within: receiveTimeout) else { throw cutOff(by: EAGAIN) }
            // What libfcgi holds it gives at once; for one byte more it reads again.
            let wanted = min(max(Self.heldCount(of: stream), 1), buffer.count - count)
            let taken = Int(FCGX_GetStr(start + count, Int32(clamping: wanted), stream))
            count += taken
            receivedBytes += Int64(taken)
            let error = FCGX_GetError(stream)
            guard error == 0 else { throw cutOff(by: error) }
            isAtEnd = taken < wanted
        } while !isAtEnd && count < buffer.count && ContinuousClock.now < end
        if isAtEnd { try checkLength() }
        return count
    }

    func readAvailable(
        into buffer: UnsafeMutableBufferPointer<CChar>, within time: Duration
    ) throws(Refusal) -> Int? {
        guard !isAtEnd else {
            try checkLength()
            return 0
        }
        guard let start = buffer.baseAddress, let stream = request.pointee.in else { return 0 }
        var count = 0
        while !isAtEnd, count < buffer.count, isSomethingThere(in: stream, within: count == 0 ? time : .zero) {
            let wanted = min(max(Self.heldCount(of: stream), 1), buffer.count - count)
            let taken = Int(FCGX_GetStr(start + count, Int32(clamping: wanted), stream))
            count += taken
            receivedBytes += Int64(taken)
            let error = FCGX_GetError(stream)
            guard error == 0 else {
                // It is said again at the next call, when what came before it has been taken.
                if count > 0 { return count }
                throw cutOff(by: error)
            }
            isAtEnd = taken < wanted
        }
        if isAtEnd, count == 0 { try checkLength() }
        return count == 0 && !isAtEnd ? nil : count
    }

    private func checkLength() throws(Refusal) {
        guard let announced = http.contentLength, announced != receivedBytes else { return }
        throw Refusal(.invalidRequest, "The body has \(receivedBytes) bytes, but \(announced) were announced.")
    }

    private func isSomethingThere(in stream: UnsafeMutablePointer<FCGX_Stream>, within time: Duration) -> Bool {
        // What libfcgi has read already, poll(2) does not know.
        if jobd_fcgi_has_content(stream) != 0 { return true }
        return Polling.wait(request.pointee.ipcFd, for: time)
    }

    /// Bytes that libfcgi has read and not handed over.
    private static func heldCount(of stream: UnsafeMutablePointer<FCGX_Stream>) -> Int {
        guard let next = stream.pointee.rdNext, let end = stream.pointee.stop else { return 0 }
        return end - next
    }

    private func cutOff(by error: CInt) -> Refusal {
        guard error == EAGAIN else {
            return Refusal(.invalidRequest, "The body was cut off after \(receivedBytes) bytes.")
        }
        return Refusal(.requestTimeout, "Nothing more of the body came after \(receivedBytes) bytes.")
    }
}
