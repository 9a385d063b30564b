import JobModel
import JobWire
import NIOCore

/// The routes of files that are there.
struct FileRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>

    @Sendable func get(_: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        link.value.respond({ $0.call(.getFile, ["fileId": .string(path["id"])]) }, as: { .json(200, $0) })
    }

    @Sendable func delete(_: HTTPRequest, _ path: PathCaptures) -> EventLoopFuture<HTTPResponse> {
        let params: JSONObject = ["fileId": .string(path["id"])]
        return link.value.respond({
            $0.call(.deleteFile, JSONValue.object(params).bytes) { refusal in
                refusal.code == .fileNotFound ? ByteBuffer() : nil
            }
        }) { _ in HTTPResponse(204) }
    }
}
