import JSON
import JobModel
import JobWire
import NIOCore

/// What the answer of `/api/health/ready` says that others look for.
package enum Readiness {
    /// That no step can run, while everything else goes on.
    package static let noSandbox = "No sandbox can be made for steps."
    fileprivate static let noDaemon = "The daemon does not answer, so no job can be created."
    fileprivate static let noStorage = "No job can be created: the disk is full, or cannot be written to."
    fileprivate static let drained = "The service is drained, or about to stop: it makes and starts no jobs."
}

/// The routes of queues, of statistics and of the service itself.
struct ServiceRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func queues(_: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        pass(.listQueues, for: context)
    }

    @Sendable func pause(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.pauseQueue, request, context)
    }

    @Sendable func resume(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        change(.resumeQueue, request, context)
    }

    @Sendable func stats(_: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        pass(.getStats, for: context)
    }

    @Sendable func metrics(_: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(.getMetrics, JSONObject(), for: context) }) { reply in
            let text = (try? JSONValue.parse(reply.readableBytesView))?["text"]?.string ?? ""
            let type = HTTPResponse.Header(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
            return HTTPResponse(200, headers: [type, .noStore], body: .bytes(ByteBuffer(string: text)))
        }
    }

    /// Who the daemon takes the caller for.
    @Sendable func session(_: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        pass(.getSession, for: context)
    }

    @Sendable func live(_: HTTPRequest, _: Context) -> EventLoopFuture<HTTPResponse> {
        link.eventLoop.makeSucceededFuture(.json(200, ByteBuffer(string: #"{"status":"live"}"#)))
    }

    /// Ready means that a job could be created and run now, so a daemon that is away is not waited for.
    @Sendable func ready(_: HTTPRequest, _: Context) -> EventLoopFuture<HTTPResponse> {
        func refused(_ reason: String) -> HTTPResponse { Problem.response(Refusal(.unavailable, reason)) }
        guard link.value.isConnected else { return link.eventLoop.makeSucceededFuture(refused(Readiness.noDaemon)) }
        return link.value.respond({ $0.callAsFront(.serverStatus) }) { reply in
            guard let status = try? JSONValue.parse(reply.readableBytesView) else { return refused(Readiness.noDaemon) }
            guard status["storage"]?["writable"] != false else { return refused(Readiness.noStorage) }
            guard status["draining"] == false else { return refused(Readiness.drained) }
            guard status["sandbox"]?["working"] != false else { return refused(Readiness.noSandbox) }
            return .json(200, ByteBuffer(string: #"{"status":"ready"}"#))
        }
    }

    @Sendable func describe(_ request: HTTPRequest, _: Context) -> EventLoopFuture<HTTPResponse> {
        let tag = APIDocument.entityTag
        let headers: [HTTPResponse.Header] = [.noCache, .init(name: "ETag", value: tag)]
        let isKnown = EntityTag.matches(request.header("IF_NONE_MATCH"), tag)
        return link.eventLoop.makeSucceededFuture(
            isKnown
                ? HTTPResponse(304, headers: headers)
                : .json(200, ByteBuffer(bytes: APIDocument.bytes), headers: headers))
    }

    private func pass(_ method: Method, for context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(method, JSONObject(), for: context) }, as: { .json(200, $0) })
    }

    /// Changes the queue that the path names.
    private func change(
        _ method: Method, _ request: HTTPRequest, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            let params = try JSONBody.object(request, adding: "name", request.path["name"])
            return link.call(method, params, for: context)
        } as: {
            .json(200, $0)
        }
    }
}
