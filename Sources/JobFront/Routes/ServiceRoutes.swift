import JobModel
import JobWire
import NIOCore

/// The routes of queues, of statistics and of the service itself.
struct ServiceRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func queues(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> { pass(.listQueues) }

    @Sendable func pause(_: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        pass(.pauseQueue, ["name": .string(path["name"])])
    }

    @Sendable func resume(_: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        pass(.resumeQueue, ["name": .string(path["name"])])
    }

    @Sendable func stats(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> { pass(.getStats) }

    @Sendable func metrics(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(.getMetrics, JSONObject()) }) { reply in
            let text = (try? JSONValue.parse(reply.readableBytesView))?["text"]?.string ?? ""
            let type = HTTPResponse.Header(name: "Content-Type", value: "text/plain; version=0.0.4; charset=utf-8")
            return HTTPResponse(200, headers: [type, .noStore], body: .bytes(ByteBuffer(string: text)))
        }
    }

    @Sendable func live(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        link.eventLoop.makeSucceededFuture(.json(200, ByteBuffer(string: #"{"status":"live"}"#)))
    }

    /// Ready means that a job could be created and run now, so a daemon that is away is not waited for.
    @Sendable func ready(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        let notReady = Problem.response(Refusal(.unavailable, "No job can be created now."))
        guard link.value.isConnected else { return link.eventLoop.makeSucceededFuture(notReady) }
        return link.value.respond({ $0.call(.serverStatus, JSONObject()) }) { reply in
            guard let status = try? JSONValue.parse(reply.readableBytesView), status["draining"] == false,
                status["storage"]?["writable"] != false
            else { return notReady }
            return .json(200, ByteBuffer(string: #"{"status":"ready"}"#))
        }
    }

    @Sendable func describe(_: HTTPRequest, _: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        link.eventLoop.makeSucceededFuture(.json(200, ByteBuffer(bytes: APIDocument.bytes)))
    }

    private func pass(_ method: Method, _ params: JSONObject = JSONObject()) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(method, params) }, as: { .json(200, $0) })
    }
}
