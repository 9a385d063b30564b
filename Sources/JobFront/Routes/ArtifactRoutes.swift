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
                .map { Self.response(to: request, artifact, $0.0, type: $0.1) }
                .flatMapErrorThrowing { _ in Self.notFound }
            }
            .flatMapErrorThrowing { Problem.response(for: $0) }
    }

    private static var notFound: HTTPResponse {
        Problem.response(Refusal(.artifactNotFound, "There is no such artifact."))
    }

    /// The whole, the part that was asked for, or only that nothing has changed.
    private static func response(
        to request: HTTPRequest, _ artifact: Artifact, _ file: OpenFile, type: String
    ) -> HTTPResponse {
        let tag = EntityTag.quoted(artifact.sha256)
        var headers: [HTTPResponse.Header] = [.init(name: "ETag", value: tag)]
        if EntityTag.matches(request.header("IF_NONE_MATCH"), tag) { return HTTPResponse(304, headers: headers) }
        headers += [
            .init(name: "Content-Type", value: type),
            .init(name: "Content-Disposition", value: "attachment; filename=\"\(artifact.name)\""),
            .init(name: "X-Content-Type-Options", value: "nosniff"), .init(name: "Accept-Ranges", value: "bytes"),
            // Whatever a browser makes of it, it is not a page of this site.
            .init(name: "Content-Security-Policy", value: "sandbox; default-src 'none'"),
        ]
        if let digest = ReprDigest.text(sha256: artifact.sha256) {
            headers.append(.init(name: "Repr-Digest", value: digest))
        }
        let size = artifact.size
        let isCurrent = request.header("IF_RANGE").map { $0 == tag } ?? true
        let range = request.method == "GET" && isCurrent ? request.header("RANGE") : nil
        switch ByteRange(range, size: size) {
        case .whole: return HTTPResponse(200, headers: headers, body: .file(FilePart(file: file, range: 0..<size)))
        case .part(let part):
            headers.append(
                .init(name: "Content-Range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"))
            return HTTPResponse(206, headers: headers, body: .file(FilePart(file: file, range: part)))
        case .notSatisfiable:
            return Problem.response(
                Refusal(.rangeNotSatisfiable, "The artifact has \(size) bytes; the range begins behind its end."),
                headers: [.init(name: "Content-Range", value: "bytes */\(size)")])
        }
    }
}
