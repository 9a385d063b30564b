import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// The route of artifacts: the daemon says what there is, the front sends the bytes.
struct ArtifactRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let files: FilesArea

    @Sendable func get(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        let loop = link.eventLoop
        guard let id = JobID(request.path["id"]), let name = ArtifactName(request.path["name"]) else {
            return loop.makeSucceededFuture(Self.notFound)
        }
        let params: JSONObject = ["jobId": .string(id.description), "name": .string(name.description)]
        let files = files
        return link.value.call(.getArtifact, params, for: context)
            .flatMap { reply in
                let json = try? JSONValue.parse(reply.readableBytesView)
                guard let artifact = json.flatMap(Artifact.init(json:)) else {
                    return loop.makeSucceededFuture(Self.notFound)
                }
                let run = json?["run"]?.integer
                return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
                    let file = OpenFile(descriptor: try files.open(name, of: id, run: run))
                    return (file, ServedType.of(artifact.mediaType, isUTF8: try file.beginsAsUTF8()))
                }
                .map { Representation(artifact).response(to: request, $0.0, type: $0.1) }
                .flatMapErrorThrowing { _ in Self.notFound }
            }
            .flatMapErrorThrowing { Problem.response(for: $0) }
    }

    private static var notFound: HTTPResponse {
        Problem.response(Refusal(.artifactNotFound, "There is no such artifact."))
    }
}
