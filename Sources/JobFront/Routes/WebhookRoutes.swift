import JSON
import JobModel
import JobWire
import NIOCore

/// The routes of messages to webhooks.
struct WebhookRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func list(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { link in
            let names = ["webhook", "jobId", "status", "limit", "cursor"]
            return link.call(.listDeliveries, request.query.parameters(names, numbers: ["limit"]), for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func redeliver(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            let params = try JSONBody.object(request, adding: "id", request.path["id"])
            return link.call(.redeliver, params, for: context)
        } as: {
            .json(202, $0)
        }
    }
}
