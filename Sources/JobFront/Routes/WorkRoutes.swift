import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// The routes of those who run jobs elsewhere.
struct WorkRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let files: FilesArea
    let reader: UploadReader
    let sessions: Sessions

    // MARK: Words

    /// Has a worker's word go to the daemon as it is.
    func pass(on method: Method) -> Route.Handler {
        { [link] request, context in
            link.value.respond { link throws(Refusal) in
                link.call(method, method.completed(try JSONBody.object(request)), for: context)
            } as: {
                .json(200, $0)
            }
        }
    }

    // MARK: Files

    /// The daemon says that the worker may have it, the front sends the bytes.
    @Sendable func input(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        let loop = link.eventLoop
        let files = files
        let params = Self.lease(request).with("fileId", .string(request.path["fileId"]))
        return link.value.call(.getInput, params, for: context)
            .flatMap { reply in
                guard let file = (try? JSONValue.parse(reply.readableBytesView)).flatMap(JobFile.init(json:)) else {
                    return loop.makeSucceededFuture(Self.missing)
                }
                return NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
                    OpenFile(descriptor: try files.open(file.fileId))
                }
                .map { Representation(file).response(to: request, $0, type: "application/octet-stream") }
                .flatMapErrorThrowing { _ in Self.missing }
            }
            .flatMapErrorThrowing { Problem.response(for: $0) }
    }

    private static var missing: HTTPResponse {
        Problem.response(Refusal(.fileNotFound, "The job has no such file."))
    }

    /// Stored as any upload, then given to the run; on a thread that may block.
    @Sendable func putArtifact(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        let upload: ArrivedUpload
        do throws(Refusal) {
            try sessions.checkNow(.work, for: context)
            upload = try reader.readFile(request, body)
        } catch {
            return link.eventLoop.makeSucceededFuture(Problem.response(error))
        }
        var params = Self.lease(request).with("name", .string(request.path["name"]))
        for member in upload.file.json.object?.members ?? [] where member.key != "name" {
            params[member.key] = member.value
        }
        if let type = request.contentType, !type.isEmpty { params["mediaType"] = .string(type) }
        let named = params
        return link.eventLoop.flatSubmit {
            link.value.call(.adoptArtifact, named, for: context)
                .map { .json(201, $0) }
                .recover { Problem.response(for: $0) }
                // Until then it is held: what was not adopted goes with it.
                .always { _ in withExtendedLifetime(upload) {} }
        }
    }

    /// What a worker says of itself beside a body: the job in the path, its token in a header.
    private static func lease(_ request: HTTPRequest) -> JSONObject {
        ["jobId": .string(request.path["jobId"]), "token": .string(request.headerOrEmpty("LEASE_TOKEN") ?? "")]
    }
}
