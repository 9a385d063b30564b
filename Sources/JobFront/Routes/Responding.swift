import Glibc
import JobModel
import JobWire
import NIOCore

extension DaemonLink {
    /// Asks the daemon and makes a response of its reply; whatever fails becomes a problem.
    func respond(
        _ call: (DaemonLink) throws(Refusal) -> EventLoopFuture<ByteBuffer>,
        as response: @escaping (ByteBuffer) -> HTTPResponse
    ) -> EventLoopFuture<HTTPResponse> {
        do throws(Refusal) {
            return try call(self).assumeIsolated().map(response).recover { Problem.response(for: $0) }.nonisolated()
        } catch {
            return loop.makeSucceededFuture(Problem.response(error))
        }
    }
}

extension Timestamp {
    /// The clock's present reading; used for ids only, never for decisions about jobs.
    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
