import JSON
import JobModel
import JobWire
import NIOCore

/// The condition that a request states in `If-Match`, as the daemon knows it: one version.
extension DaemonLink {
    /// Sends a call that changes a job, on the condition that the request states.
    ///
    /// Of several versions that would do, the one is taken that the job has; when it changes meanwhile, nothing happens.
    /// `mustExist` says that the call would make a missing job, which a condition forbids.
    func call(
        _ method: Method, _ params: JSONObject, ifMatch request: HTTPRequest, for context: Context,
        mustExist: Bool = false
    ) -> EventLoopFuture<ByteBuffer> {
        guard params["ifVersion"] == nil else {
            return loop.makeFailedFuture(Refusal.wrongField("ifVersion", "is said by If-Match here"))
        }
        let header = request.headerOrEmpty("IF_MATCH")
        func send(_ version: Int64) -> EventLoopFuture<ByteBuffer> {
            call(method, params.with("ifVersion", JSONValue(version)), for: context)
        }
        switch Precondition(header) {
        case .any where header == nil || !mustExist:
            return call(method, params, for: context)
        case .versions(let versions) where versions.count == 1:
            return send(versions.first ?? 0).refusingMissing(mustExist)
        case .any, .versions:
            return call(.getJob, JSONObject().with("jobId", params["jobId"] ?? .null), for: context)
                .assumeIsolated().flatMap { [loop] job in
                    let version = JSONSlices.integer("version", of: job.readableBytesView) ?? 0
                    if case .versions(let versions) = Precondition(header), !versions.contains(version) {
                        let detail = "The job's version is \(version), which If-Match does not name."
                        let present = (try? JSONValue.parse(job.readableBytesView)) ?? .null
                        return loop.makeFailedFuture(Refusal(.preconditionFailed, detail, details: ["job": present]))
                    }
                    return send(version)
                }.nonisolated().refusingMissing(mustExist)
        }
    }
}

extension EventLoopFuture<ByteBuffer> {
    /// A condition asks for a job that exists, so a call that would have made the job is refused.
    fileprivate func refusingMissing(_ mustExist: Bool) -> EventLoopFuture<ByteBuffer> {
        guard mustExist else { return self }
        return flatMapErrorThrowing { error in
            guard let refusal = error as? Refusal, refusal.code == .jobNotFound else { throw error }
            throw Refusal(.preconditionFailed, "There is no such job, which If-Match asks for.")
        }
    }
}
