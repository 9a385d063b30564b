import JSON
import JobModel
import JobWire
import NIOCore

/// The routes of files that are there.
struct FileRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func get(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.getFile, ["fileId": .string(request.path["id"])], for: context)
        } as: {
            .json(200, $0)
        }
    }

    @Sendable func delete(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        link.value.respond {
            $0.call(.deleteFile, ["fileId": .string(request.path["id"])], for: context)
        } as: { _ in
            HTTPResponse(204)
        }
    }
}
