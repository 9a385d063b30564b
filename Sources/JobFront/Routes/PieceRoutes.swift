import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore

/// The routes of uploads in pieces, by tus 1.0.0: the daemon knows what was announced, the disk how much has come.
///
/// All but ``delete(_:_:)`` run on a thread that may block.
struct PieceRoutes: Sendable {
    /// How long somebody else who writes may take to make way.
    private static let patience = Duration.seconds(5)

    let link: NIOLoopBound<DaemonLink>
    let reader: PieceReader

    private var area: FilesArea { reader.door.area }

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
                request, .make(at: .now, using: &generator), maximumBytes: reader.door.maximumBytes)
            try room(for: creation.length ?? 0)
            let upload = try announce(creation, context)
            let state: State
            do throws(Refusal) {
                switch upload.record.kind {
                case .joined(let parts): state = try join(parts, upload, context)
                case .file, .part:
                    let isComplete = upload.record.length == 0
                    state =
                        try hasBody || isComplete
                        ? take(request, body, upload, at: 0, checksum, context)
                        : State(offset: 0, changed: upload.record.createdAt)
                }
            } catch {
                // Nobody has been told of it.
                let params: JSONObject = ["fileId": .string(upload.record.fileId.description)]
                _ = try? ask(.deleteUpload, params, Caller(role: .operator))
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
            let upload = try upload(request, context)
            let state = try state(of: upload, context)
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
            var upload = try upload(request, context)
            guard upload.record.parts.isEmpty else {
                throw Refusal(.forbidden, "A final upload is made of its parts and takes no bytes of its own.")
            }
            if let length = try Tus.length(request, maximumBytes: reader.door.maximumBytes) {
                try say(length, of: &upload, context)
            }
            let state = try take(request, body, upload, at: offset, checksum, context)
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
            $0.call(.deleteUpload, ["fileId": .string(request.path["id"])], for: context) { refusal in
                refusal.code == .uploadNotFound ? ByteBuffer() : nil
            }
        } as: { _ in
            HTTPResponse(204, headers: [.noStore])
        }
    }

    // MARK: What there is

    /// How far an upload is.
    private struct State {
        var offset: Int64
        /// When something came last.
        var changed: Timestamp
        /// Its file is stored.
        var isFinished = false

        func headers(of upload: KnownUpload) -> [HTTPResponse.Header] {
            var headers: [HTTPResponse.Header] = []
            if isFinished || upload.record.parts.isEmpty {
                headers.append(.init(name: "Upload-Offset", value: String(offset)))
            }
            if isFinished {
                headers.append(.init(name: "Jobd-File-Id", value: upload.record.fileId.description))
            } else {
                headers.append(.init(name: "Upload-Expires", value: HTTPDate.text(upload.end(after: changed))))
            }
            return headers
        }
    }

    private func upload(_ request: HTTPRequest, _ context: Context) throws(Refusal) -> KnownUpload {
        let id = request.path["id"]
        // What cannot be an id names nothing.
        guard FileID(id) != nil else { throw Refusal(.uploadNotFound, "There is no such upload.") }
        return try KnownUpload(try ask(.getUpload, ["fileId": .string(id)], context.caller))
    }

    private func announce(_ creation: UploadCreation, _ context: Context) throws(Refusal) -> KnownUpload {
        var params: JSONObject = [
            "fileId": .string(creation.fileId.description), "kind": .string(creation.kind.word),
            "name": .string(creation.name), "mediaType": .string(creation.mediaType),
        ]
        if !creation.kind.parts.isEmpty {
            params["parts"] = .array(creation.kind.parts.map { .string($0.description) })
        }
        params["metadata"] = creation.metadata.map(JSONValue.string)
        params["length"] = creation.length.map { JSONValue($0) }
        return try KnownUpload(try ask(.createUpload, params, context.caller))
    }

    /// Says how long an upload is of which that was not known.
    private func say(_ length: Int64, of upload: inout KnownUpload, _ context: Context) throws(Refusal) {
        guard upload.record.length != length else { return }
        let id = upload.record.fileId
        guard upload.record.length == nil, length >= area.partialSize(of: id) else {
            throw Tus.wrong("Upload-Length", "is not that of this upload")
        }
        try room(for: length - area.partialSize(of: id))
        let params: JSONObject = ["fileId": .string(id.description), "length": JSONValue(length)]
        upload = try KnownUpload(try ask(.setUploadLength, params, context.caller))
    }

    /// How far an upload is; one that is complete and not stored yet is stored first.
    private func state(of upload: KnownUpload, _ context: Context) throws(Refusal) -> State {
        let record = upload.record
        if record.finishedAt != nil {
            return State(offset: record.length ?? 0, changed: record.createdAt, isFinished: true)
        }
        var (offset, changed) = try known { () throws(UploadError) in try area.syncedPartial(record.fileId) }
        changed = max(changed, record.createdAt)
        try upload.checkTime(changed)
        guard record.kind == .file, offset == record.length else { return State(offset: offset, changed: changed) }
        let file = try known { () throws(UploadError) in
            try PartialFile(record.fileId, in: area, patience: Self.patience)
        }
        offset = try store(file, upload, context)
        return State(offset: offset, changed: changed, isFinished: true)
    }

    // MARK: Bytes

    /// Takes a piece in, and stores the file when it was the last one.
    private func take(
        _ request: HTTPRequest, _ body: any Body, _ upload: KnownUpload, at offset: Int64,
        _ checksum: PieceOfUpload.Checksum?, _ context: Context
    ) throws(Refusal) -> State {
        let record = upload.record
        if record.finishedAt != nil {
            guard offset == record.length else { throw Self.conflict(at: record.length ?? 0) }
            guard request.contentLength ?? 0 == 0 else { throw Refusal(UploadError.tooLarge(maximumBytes: offset)) }
            return State(offset: offset, changed: record.createdAt, isFinished: true)
        }
        var meter = UploadMeter(link: link, caller: context.caller)
        var stored: () -> Int64? = { nil }
        defer { meter.end(stored().map { (upload: record.fileId, stored: $0) }) }
        try meter.begin(announced: request.contentLength)
        let file = try known { () throws(UploadError) in
            try PartialFile(record.fileId, in: area, patience: Self.patience)
        }
        stored = { try? file.size() }
        let size = try known { () throws(UploadError) in try file.size() }
        let changed = try known { () throws(UploadError) in try file.changed() }
        try upload.checkTime(size > 0 ? changed : record.createdAt)
        guard size == offset else { throw Self.conflict(at: size) }
        let end = record.length ?? reader.door.maximumBytes
        guard request.contentLength ?? 0 <= end - size else { throw Refusal(UploadError.tooLarge(maximumBytes: end)) }
        let after = try known { () throws(UploadError) in
            try PieceOfUpload(of: file, length: record.length, checksum: checksum, through: reader.door)
        }
        let offset = try fill(after, with: body, behind: file) { (bytes) throws(Refusal) in try meter.count(bytes) }
        guard !file.isGone else { throw Refusal(.uploadNotFound, "The upload was taken back.") }
        let now = State(offset: offset, changed: .now)
        guard record.kind == .file, now.offset == record.length else { return now }
        _ = try store(file, upload, context)
        return State(offset: now.offset, changed: now.changed, isFinished: true)
    }

    /// Reads a piece to its end, and answers how much lies on the disk; what has come of one that is cut off stays.
    private func fill(
        _ piece: consuming PieceOfUpload, with body: any Body, behind file: PartialFile,
        counting count: (Int64) throws(Refusal) -> Void
    ) throws(Refusal) -> Int64 {
        var piece = piece
        do throws(Refusal) {
            try reader.read(body, behind: file, counting: count) { (bytes) throws(UploadError) in
                try piece.append(bytes)
            }
        } catch {
            try? piece.breakOff()
            throw error
        }
        do throws(UploadError) {
            try piece.finish()
            return piece.offset
        } catch {
            throw Refusal(error)
        }
    }

    /// Has the daemon keep a file that is complete, and answers its size; reads all of it once more.
    private func store(_ file: PartialFile, _ upload: KnownUpload, _ context: Context) throws(Refusal) -> Int64 {
        let described = try known { () throws(UploadError) in
            try file.described(as: upload.record.name, upload.record.fileId)
        }
        _ = try ask(.adoptFile, described.json.object ?? [:], context.caller)
        return described.size
    }

    /// Makes a file of parts.
    private func join(_ parts: [FileID], _ upload: KnownUpload, _ context: Context) throws(Refusal) -> State {
        let file = try known { () throws(UploadError) in
            let file = try PartialFile(upload.record.fileId, in: area, patience: Self.patience)
            try file.join(parts, length: upload.record.length ?? 0, through: reader.door)
            return file
        }
        let size = try store(file, upload, context)
        return State(offset: size, changed: .now, isFinished: true)
    }

    private func room(for bytes: Int64) throws(Refusal) {
        try known { () throws(UploadError) in try reader.door.checkRoom(for: bytes) }
    }

    private static func conflict(at offset: Int64) -> Refusal {
        Refusal(
            .offsetConflict, "The upload has \(offset) bytes so far; go on there.",
            details: ["offset": JSONValue(offset)])
    }

    // MARK: Waiting

    private func respond(_ body: () throws(Refusal) -> HTTPResponse) -> EventLoopFuture<HTTPResponse> {
        let response: HTTPResponse
        do throws(Refusal) { response = try body() } catch { response = Problem.response(error, headers: [.noStore]) }
        return link.eventLoop.makeSucceededFuture(response)
    }

    private func known<Value: ~Copyable>(_ body: () throws(UploadError) -> Value) throws(Refusal) -> Value {
        do throws(UploadError) { return try body() } catch { throw Refusal(error) }
    }

    /// Asks the daemon, and waits for it as long as a request may that comes now.
    private func ask(_ method: Method, _ params: JSONObject, _ caller: Caller) throws(Refusal) -> JSONValue {
        let text = JSONValue.object(params).bytes
        do {
            let reply = try link.eventLoop.flatSubmit { [link] in link.value.call(method, text, by: caller) }.wait()
            return try JSONValue.parse(reply.readableBytesView)
        } catch {
            throw error as? Refusal ?? Refusal(.unavailable, "The daemon is not there; try again in a moment.")
        }
    }
}
