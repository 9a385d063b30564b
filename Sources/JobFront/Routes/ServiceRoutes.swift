import JobModel
import JobWire
import NIOCore

/// The routes of queues, of statistics and of the service's health.
struct ServiceRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    var routes: [Route] {
        [
            Route(.get, "/api/queues") { _, _ in
                link.value.respond({ $0.call(.listQueues, JSONObject()) }, as: { .json(200, $0) })
            },
            Route(.post, "/api/queues/{name}/pause") { _, path in queue(.pauseQueue, path["name"]) },
            Route(.post, "/api/queues/{name}/resume") { _, path in queue(.resumeQueue, path["name"]) },
            Route(.get, "/api/stats") { _, _ in
                link.value.respond({ $0.call(.getStats, JSONObject()) }, as: { .json(200, $0) })
            },
            Route(.get, "/api/health/live") { _, _ in
                link.eventLoop.makeSucceededFuture(.json(200, ByteBuffer(string: #"{"status":"live"}"#)))
            },
            Route(.get, "/api/health/ready") { _, _ in ready() },
        ]
    }

    private func queue(_ method: Method, _ name: String) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(method, ["name": .string(name)]) }, as: { .json(200, $0) })
    }

    /// Ready means that a job could be created and run now, so a daemon that is away is not waited for.
    private func ready() -> EventLoopFuture<HTTPResponse> {
        let notReady = Problem.response(Refusal(.unavailable, "No job can be created now."))
        guard link.value.isConnected else { return link.eventLoop.makeSucceededFuture(notReady) }
        return link.value.respond({ $0.call(.serverStatus, JSONObject()) }) { reply in
            guard let status = try? JSONValue.parse(reply.readableBytesView), status["draining"] == false,
                status["storage"]?["writable"] != false
            else { return notReady }
            return .json(200, ByteBuffer(string: #"{"status":"ready"}"#))
        }
    }
}
