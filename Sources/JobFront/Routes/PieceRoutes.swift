import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore

/// The routes of resumable uploads, by tus 1.0.0: the daemon knows what was announced, the disk how much has come.
///
/// All but ``delete(_:_:)`` run on a thread that may block.
struct PieceRoutes: Sendable {
    private let link: NIOLoopBound<DaemonLink>
    private let uploads: KnownUploads
    private let keeper: PieceKeeper

    init(link: NIOLoopBound<DaemonLink>, reader: PieceReader) {
        self.link = link
        uploads = KnownUploads(link: link)
        keeper = PieceKeeper(uploads: uploads, reader: reader)
    }

    /// Announces an upload, and takes its first bytes when they come along.
    @Sendable func create(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        respond { () throws(Refusal) in
            try Tus.check(request)
            let hasBody = (request.contentLength ?? 0) > 0 || request.contentType?.hasPrefix(Tus.contentType) == true
            if hasBody { try Tus.checkContentType(request) }
            let checksum = try hasBody ? UploadChecksum.parse(request.header("UPLOAD_CHECKSUM")) : nil
            var generator = SystemRandomNumberGenerator()
            let creation = try UploadCreation(
                request, .make(at: .now, using: &generator), maximumBytes: keeper.reader.intake.maximumBytes)
            try keeper.checkRoom(for: creation.length ?? 0)
            let upload = try uploads.announce(creation, for: context.caller)
            let state: PieceState
            do throws(Refusal) {
                switch upload.record.kind {
                case .joined(let parts): state = try keeper.join(parts, upload, for: context.caller)
                case .file, .part:
                    let isComplete = upload.record.length == 0
                    state =
                        try hasBody || isComplete
                        ? keeper.take(
                            body, announced: request.contentLength, into: upload, at: 0, checksum, for: context.caller)
                        : PieceState(offset: 0, changed: upload.record.createdAt)
                }
            } catch {
                uploads.takeBack(upload)
                throw error
            }
            let location = HTTPResponse.Header(name: "Location", value: Tus.location(of: upload.record.fileId))
            return HTTPResponse(201, headers: [location, .noStore] + state.headers(of: upload))
        }
    }

    /// Tells how much has come.
    @Sendable func get(_ request: HTTPRequest, _ body: any Body, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        respond { () throws(Refusal) in
            try Tus.check(request)
            let upload = try uploads.find(request.path["id"], for: context.caller)
            let state = try keeper.state(of: upload, for: context.caller)
            return HTTPResponse(200, headers: [.noStore] + state.headers(of: upload) + upload.description)
        }
    }

    /// Takes a piece.
    @Sendable func append(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        respond { () throws(Refusal) in
            try Tus.check(request)
            try Tus.checkContentType(request)
            guard let offset = try Tus.size(request.header("UPLOAD_OFFSET"), "Upload-Offset") else {
                throw Tus.wrong("Upload-Offset", "is missing")
            }
            let checksum = try UploadChecksum.parse(request.header("UPLOAD_CHECKSUM"))
            var upload = try uploads.find(request.path["id"], for: context.caller)
            guard upload.record.parts.isEmpty else {
                throw Refusal(.forbidden, "A final upload is made of its parts and takes no bytes of its own.")
            }
            if let length = try Tus.length(request, maximumBytes: keeper.reader.intake.maximumBytes) {
                upload = try keeper.setLength(length, of: upload, for: context.caller)
            }
            let state = try keeper.take(
                body, announced: request.contentLength, into: upload, at: offset, checksum, for: context.caller)
            return HTTPResponse(204, headers: [.noStore] + state.headers(of: upload))
        }
    }

    /// Takes an upload back.
    @Sendable func delete(_ request: HTTPRequest, _ context: Context) -> EventLoopFuture<HTTPResponse> {
        do throws(Refusal) {
            try Tus.check(request)
        } catch {
            return link.eventLoop.makeFailedFuture(error)
        }
        return link.value.respond {
            $0.call(.deleteUpload, ["fileId": .string(request.path["id"])], for: context)
        } as: { _ in
            HTTPResponse(204, headers: [.noStore])
        }
    }

    private func respond(_ body: () throws(Refusal) -> HTTPResponse) -> EventLoopFuture<HTTPResponse> {
        let response: HTTPResponse
        do throws(Refusal) { response = try body() } catch { response = Problem.response(error, headers: [.noStore]) }
        return link.eventLoop.makeSucceededFuture(response)
    }
}
