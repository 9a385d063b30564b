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

    /// Sent again it would make the message go out a third time, so it is not.
    @Sendable func redeliver(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.redeliver, ["id": .string(request.path["id"])], for: context, resending: .never)
        } as: {
            .json(202, $0)
        }
    }
}
