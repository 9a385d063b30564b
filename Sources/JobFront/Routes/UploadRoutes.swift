import JSON
import JobFiles
import JobModel
import JobWire
import NIOCore

/// The routes that bring files: the front stores them, then tells the daemon.
struct UploadRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let reader: UploadReader

    // MARK: On a thread that may block

    @Sendable func receiveFile(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive(request, context) { (count) throws(Refusal) in
            let upload = try reader.readFile(request, body, counting: count)
            return { adopt([upload], context).map { .json(201, ByteBuffer(bytes: upload.file.json.bytes)) } }
        }
    }

    @Sendable func receiveForm(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive(request, context) { (count) throws(Refusal) in
            let uploads = try reader.readForm(request, body, counting: count).checkedFiles()
            let json: JSONValue = ["files": .array(uploads.map(\.file.json))]
            return { adopt(uploads, context).map { .json(201, ByteBuffer(bytes: json.bytes)) } }
        }
    }

    @Sendable func processForm(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive(request, context) { (count) throws(Refusal) in
            let form = try reader.readForm(request, body, names: UploadedForm.processNames, counting: count)
            let uploads = try form.checkedFiles()
            var params = try form.processParameters()
            params["fileIds"] = .array(uploads.map { .string($0.file.fileId.description) })
            let named = params.withJobId(for: request).with(context.trace)
            return { adopt(uploads, context).flatMap { process(named, uploads.map(\.file), request, context) } }
        }
    }

    /// Reads here, as long as the daemon lets it come, and goes on with what that gave on the event loop.
    private func receive(
        _ request: HTTPRequest, _ context: Context,
        _ read: ((Int64) throws(Refusal) -> Void) throws(Refusal) -> @Sendable () -> EventLoopFuture<HTTPResponse>
    ) -> EventLoopFuture<HTTPResponse> {
        do throws(Refusal) {
            let goOn = try metered(request, context, read)
            return link.eventLoop.flatSubmit { goOn().recover { Problem.response(for: $0) } }
        } catch {
            return link.eventLoop.makeSucceededFuture(Problem.response(error))
        }
    }

    /// What has come whole counts as stored from its adoption on, and as arriving no more.
    private func metered(
        _ request: HTTPRequest, _ context: Context,
        _ read: ((Int64) throws(Refusal) -> Void) throws(Refusal) -> @Sendable () -> EventLoopFuture<HTTPResponse>
    ) throws(Refusal) -> @Sendable () -> EventLoopFuture<HTTPResponse> {
        var meter = UploadMeter(link: link, caller: context.caller)
        defer { meter.end() }
        try meter.begin(announced: request.contentLength)
        return try read { (bytes) throws(Refusal) in try meter.count(bytes) }
    }

    // MARK: On the event loop

    /// Has the daemon adopt uploads; when it refuses one, none stays.
    private func adopt(_ uploads: [ArrivedUpload], _ context: Context) -> EventLoopFuture<Void> {
        let calls = uploads.map {
            link.value.call(.adoptFile, $0.file.json.object ?? [:], for: context).map { _ in }
        }
        return EventLoopFuture.andAllComplete(calls, on: link.eventLoop)
            .flatMap { .andAllSucceed(calls, on: link.eventLoop) }
            .flatMapErrorThrowing { error in
                discard(uploads.map(\.file), after: error)
                throw error
            }
            // Until then they are held: what was not adopted goes with them.
            .always { _ in withExtendedLifetime(uploads) {} }
    }

    /// Gives the files to their job; they go when it does not want them, or has the same already.
    private func process(
        _ params: JSONObject, _ files: [JobFile], _ request: HTTPRequest, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        link.value.call(.processJob, params, ifMatch: request, for: context, mustExist: true)
            .map { reply in
                let response = HTTPResponse.processed(reply)
                if response.status == 200 { discard(files, after: nil) }
                return response
            }
            .flatMapErrorThrowing { error in
                discard(files, after: error)
                throw error
            }
    }

    /// Removes adopted files that are of no use.
    private func discard(_ files: [JobFile], after error: (any Error)?) {
        // Unavailable means that nobody knows what the daemon knows; what no job uses goes in time.
        if let refusal = error as? Refusal, refusal.code == .unavailable { return }
        for file in files { _ = link.value.callAsFront(.deleteFile, ["fileId": .string(file.fileId.description)]) }
    }
}
