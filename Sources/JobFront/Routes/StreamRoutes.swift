import JobModel
import JobWire
import NIOCore

/// The routes of event streams.
struct StreamRoutes: Sendable {
    /// Of one stream: each costs the daemon two calls.
    static let maximumJobs = 100

    let loop: any EventLoop
    let streams: NIOLoopBound<FrontStreams>
    let sessions: Sessions

    @Sendable func one(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        guard let id = JobID(request.path["id"]) else {
            return loop.makeFailedFuture(Refusal.wrongField("jobId", "is not a job id"))
        }
        return streams.value.open(id, by: context, lastVersion: ServerSentEvent.lastVersion(request))
    }

    /// The jobs of `?ids=`, those of `?queue=`, or all.
    @Sendable func several(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        guard let text = request.query["ids"] else {
            let queue = request.query["queue"].flatMap { $0.isEmpty ? nil : $0 }
            return sessions.check(.read, lists: true, for: context).flatMap {
                streams.value.open(queue: queue, by: context)
            }
        }
        let ids = text.split(separator: ",", omittingEmptySubsequences: false).map { JobID(String($0)) }
        guard (1...Self.maximumJobs).contains(ids.count), ids.allSatisfy({ $0 != nil }) else {
            return loop.makeFailedFuture(
                Refusal.wrongField("ids", "must be 1 to \(Self.maximumJobs) job ids with commas between"))
        }
        return streams.value.open(ids.compactMap { $0 }, by: context)
    }
}
