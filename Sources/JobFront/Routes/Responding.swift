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

/// The parts of a reply that carries a job and a flag.
enum JobReply {
    static func job(of reply: ByteBuffer) -> ByteBuffer {
        JSONSlices.member("job", of: reply.readableBytesView).map { ByteBuffer($0) } ?? ByteBuffer()
    }

    static func isTrue(_ key: StaticString, of reply: ByteBuffer) -> Bool {
        JSONSlices.member(key, of: reply.readableBytesView)?.elementsEqual("true".utf8) ?? false
    }
}

extension HTTPResponse {
    /// What process answers: 202 when the job was started, 200 when it runs or ran with these files.
    static func processed(_ reply: ByteBuffer) -> HTTPResponse {
        .json(JobReply.isTrue("started", of: reply) ? 202 : 200, JobReply.job(of: reply))
    }
}

extension JSONObject {
    /// With an id where there is none: made before the first try, so that a call that is sent again finds its own job.
    func withJobId() -> JSONObject {
        guard (self["jobId"] ?? .null) == .null else { return self }
        var object = self
        var generator = SystemRandomNumberGenerator()
        object["jobId"] = .string(JobID.make(at: .now, using: &generator).description)
        return object
    }
}
