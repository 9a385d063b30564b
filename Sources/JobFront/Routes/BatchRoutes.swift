import JSON
import JobModel
import JobWire
import NIOCore

/// The routes of batches.
struct BatchRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let streams: NIOLoopBound<FrontStreams>

    @Sendable func create(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            link.call(.createBatch, try JSONBody.object(request), for: context)
        } as: { reply in
            let reply = (try? JSONValue.parse(reply.readableBytesView)) ?? .null
            let batch = reply["batch"] ?? .null
            let body = ByteBuffer(bytes: batch.bytes)
            guard reply["created"] == true else { return .json(200, body) }
            let location = "/api/batches/\(batch["batchId"]?.string ?? "")"
            return .json(201, body, headers: [.init(name: "Location", value: location)])
        }
    }

    @Sendable func get(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.getBatch, ["batchId": .string(request.path["id"])], for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func stream(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        guard let id = BatchID(request.path["id"]) else {
            return streams.eventLoop.makeFailedFuture(Refusal.wrongField("batchId", "is not a batch id"))
        }
        return streams.value.batches.open(id, for: context, lastVersion: ServerSentEvent.lastVersion(request))
    }

    @Sendable func cancel(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond { (link) throws(Refusal) in
            let params = try JSONBody.object(request, adding: "batchId", request.path["id"])
            return link.call(.cancelBatch, params, for: context)
        } as: {
            .json(200, $0)
        }
    }
}
