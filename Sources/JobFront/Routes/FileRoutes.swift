import JobFiles
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// The routes of uploaded files.
struct FileRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let files: FilesArea
    let maximumUploadBytes: Int64

    var routes: [Route] {
        [
            Route(.post, "/api/files", receiving: receive),
            Route(.get, "/api/files/{id}") { _, path in
                link.value.respond({ $0.call(.getFile, ["fileId": .string(path["id"])]) }, as: { .json(200, $0) })
            },
            Route(.delete, "/api/files/{id}") { _, path in
                let params: JSONObject = ["fileId": .string(path["id"])]
                return link.value.respond({
                    $0.call(.deleteFile, JSONValue.object(params).bytes) { refusal in
                        refusal.code == .fileNotFound ? ByteBuffer() : nil
                    }
                }) { _ in HTTPResponse(204) }
            },
        ]
    }

    /// Stores an upload, then tells the daemon; on a thread that may block.
    @Sendable private func receive(_ request: FastCGIRequest) -> EventLoopFuture<HTTPResponse> {
        let loop = link.eventLoop
        do throws(Refusal) {
            let file = try store(request)
            return loop.flatSubmit { adopt(file) }
        } catch {
            return loop.makeSucceededFuture(Problem.response(error))
        }
    }

    private func store(_ request: FastCGIRequest) throws(Refusal) -> JobFile {
        let http = request.http
        guard http.mediaType != "multipart/form-data" else {
            throw Refusal(
                .unsupportedMediaType, "Send the file itself as the body, with its name in ?name=; forms are not taken."
            )
        }
        guard http.contentLength ?? 0 <= maximumUploadBytes else { throw tooLarge }
        let expected = try ReprDigest.sha256(http.header("REPR_DIGEST"))
        let name = http.query["name"] ?? ContentDisposition.fileName(http.header("CONTENT_DISPOSITION")) ?? ""
        var generator = SystemRandomNumberGenerator()
        do {
            var arrival = try Arrival(.make(at: .now, using: &generator), in: files)
            try receive(request, into: &arrival)
            guard expected == nil || expected == arrival.sha256 else {
                throw Refusal(
                    .digestMismatch, "Repr-Digest announces another content: the SHA-256 is \(arrival.sha256).")
            }
            return try arrival.commit(name: name)
        } catch let error as FilesError {
            throw error.isStorageFull
                ? Refusal(.storageFull, "There is no room for the file.")
                : Refusal(.internalError, "The file could not be stored.")
        } catch {
            throw error as? Refusal ?? Refusal(.internalError, "The file could not be stored.")
        }
    }

    private func receive(_ request: FastCGIRequest, into arrival: inout Arrival) throws {
        let chunk = UnsafeMutableBufferPointer<CChar>.allocate(capacity: 64 * 1024)
        defer { chunk.deallocate() }
        while true {
            let count = try request.read(into: chunk)
            guard count > 0 else { return }
            guard arrival.size <= maximumUploadBytes - Int64(count) else { throw tooLarge }
            try arrival.append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<count]))
        }
    }

    private var tooLarge: Refusal {
        Refusal(.payloadTooLarge, "A file may have at most \(maximumUploadBytes) bytes.")
    }

    /// Makes the stored file known; one that the daemon refuses is removed again.
    private func adopt(_ file: JobFile) -> EventLoopFuture<HTTPResponse> {
        let body = file.json.bytes
        let files = files
        return link.value.call(.adoptFile, body).assumeIsolated()
            .map { _ in .json(201, ByteBuffer(bytes: body)) }
            .recover { error in
                // Unavailable means that nobody knows whether it is known.
                if let refusal = error as? Refusal, refusal.code != .unavailable {
                    NIOThreadPool.singleton.submit { _ in files.remove(file.fileId) }
                }
                return Problem.response(for: error)
            }
            .nonisolated()
    }
}
