import JSON
import JobModel
import JobWire
import NIOCore

extension DaemonLink {
    /// Asks the daemon and makes a response of its reply; fails as the call does.
    func respond(
        _ call: (DaemonLink) throws(Refusal) -> EventLoopFuture<ByteBuffer>,
        as response: @escaping (ByteBuffer) -> HTTPResponse
    ) -> EventLoopFuture<HTTPResponse> {
        do throws(Refusal) {
            return try call(self).assumeIsolated().map(response).nonisolated()
        } catch {
            return loop.makeFailedFuture(error)
        }
    }
}

/// The parts of a reply that carries a job and a flag: `{"job": …, FLAG: true}`.
struct JobReply {
    private(set) var job = ByteBuffer()
    private(set) var flag = false

    init(_ reply: ByteBuffer, flag name: String) {
        // The daemon writes the job first and the flag last, so the job can be cut out without reading it.
        for isSet in [true, false] {
            guard let job = reply.between(#"{"job":"#, #","\#(name)":\#(isSet)}"#) else { continue }
            (self.job, flag) = (job, isSet)
            return
        }
        JSONSlices.members(of: reply.readableBytesView) { key, value in
            if key.elementsEqual("job".utf8) { job = ByteBuffer(value) }
            if key.elementsEqual(name.utf8) { flag = value.elementsEqual("true".utf8) }
            return true
        }
    }
}

extension ByteBuffer {
    /// What is between `start`, with which this begins, and `end`, with which it ends; nil when it does not.
    fileprivate func between(_ start: String, _ end: String) -> ByteBuffer? {
        let length = readableBytes - start.utf8.count - end.utf8.count
        guard length >= 0, readableBytesView.starts(with: start.utf8),
            readableBytesView.suffix(end.utf8.count).elementsEqual(end.utf8)
        else { return nil }
        return getSlice(at: readerIndex + start.utf8.count, length: length)
    }
}

extension HTTPResponse {
    /// What process answers: 202 when the job was started, 200 when it runs or ran with these files.
    static func processed(_ reply: ByteBuffer) -> HTTPResponse {
        let reply = JobReply(reply, flag: "started")
        return .json(reply.flag ? 202 : 200, reply.job)
    }
}

extension JSONObject {
    /// With an id where there is none: made before the first try, so that a call that is sent again finds its own job, by
    /// this front or, when the request has a key, by another one.
    func withJobId(for request: HTTPRequest) -> JSONObject {
        guard (self["jobId"] ?? .null) == .null else { return self }
        var object = self
        object["jobId"] = .string((JobID(requestKey: request.key) ?? .random()).description)
        return object
    }

    /// With the trace that the request belongs to, if it does to one.
    func with(_ trace: TraceParent?) -> JSONObject {
        guard let trace else { return self }
        var object = self
        object["traceparent"] = .string(trace.description)
        return object
    }
}

extension JobID {
    static func random() -> JobID {
        var generator = SystemRandomNumberGenerator()
        return make(at: .now, using: &generator)
    }

    /// The id for ``HTTPRequest/key``, in the form of all that are made; nil when it is not a key.
    init?(requestKey: String?) {
        let parts = requestKey?.split(separator: "-") ?? []
        let moment = parts.first?.split(separator: ".").joined() ?? ""
        guard parts.count == 2, parts[1].utf8.count == 32, moment.utf8.count == 13, let moment = Int64(moment),
            let first = UInt64(parts[1].prefix(16), radix: 16), let second = UInt64(parts[1].suffix(16), radix: 16)
        else { return nil }
        self = .make(at: Timestamp(milliseconds: moment), first, second)
    }
}
