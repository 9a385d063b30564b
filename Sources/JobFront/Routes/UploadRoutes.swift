import JobFiles
import JobModel
import JobWire
import NIOCore
import NIOPosix

/// The routes that bring files: the front stores them, then tells the daemon.
struct UploadRoutes: Sendable {
    let link: NIOLoopBound<DaemonLink>
    let reader: UploadReader

    // MARK: On a thread that may block

    @Sendable func receiveFile(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive { () throws(Refusal) in
            let file = try reader.readFile(request, body)
            return { adopt([file], context).map { .json(201, ByteBuffer(bytes: file.json.bytes)) } }
        }
    }

    @Sendable func receiveForm(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive { () throws(Refusal) in
            var form = try reader.readForm(request, body)
            let files = try form.takeFiles()
            let json: JSONValue = ["files": .array(files.map(\.json))]
            return { adopt(files, context).map { .json(201, ByteBuffer(bytes: json.bytes)) } }
        }
    }

    @Sendable func processForm(
        _ request: HTTPRequest, _ body: any Body, _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        receive { () throws(Refusal) in
            var form = try reader.readForm(request, body, names: UploadedForm.processNames)
            var params = JSONObject()
            let files = try form.takeFiles { form throws(Refusal) in params = try form.processParameters() }
            params["fileIds"] = .array(files.map { .string($0.fileId.description) })
            let named = params.withJobId(for: request).with(context.trace)
            return { adopt(files, context).flatMap { process(named, files, context) } }
        }
    }

    /// Reads here, and goes on with what that gave on the event loop.
    private func receive(
        _ read: () throws(Refusal) -> @Sendable () -> EventLoopFuture<HTTPResponse>
    ) -> EventLoopFuture<HTTPResponse> {
        do throws(Refusal) {
            let goOn = try read()
            return link.eventLoop.flatSubmit { goOn().recover { Problem.response(for: $0) } }
        } catch {
            return link.eventLoop.makeSucceededFuture(Problem.response(error))
        }
    }

    // MARK: On the event loop

    /// Makes stored files known; when the daemon refuses one, none stays.
    private func adopt(_ files: [JobFile], _ context: Context) -> EventLoopFuture<Void> {
        let calls = files.map { link.value.call(.adoptFile, $0.json.object ?? [:], for: context).map { _ in } }
        return EventLoopFuture.andAllComplete(calls, on: link.eventLoop)
            .flatMap { .andAllSucceed(calls, on: link.eventLoop) }
            .flatMapErrorThrowing { error in
                discard(files, after: error)
                throw error
            }
    }

    /// Gives the files to their job; they go when it does not want them, or has the same already.
    private func process(
        _ params: JSONObject, _ files: [JobFile], _ context: Context
    ) -> EventLoopFuture<HTTPResponse> {
        link.value.call(.processJob, params, for: context)
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

    /// Removes files that are of no use, known or not.
    private func discard(_ files: [JobFile], after error: (any Error)?) {
        // Unavailable means that nobody knows what the daemon knows.
        if let refusal = error as? Refusal, refusal.code == .unavailable { return }
        let area = reader.area
        for file in files {
            link.value.call(.deleteFile, ["fileId": .string(file.fileId.description)]).whenFailure { error in
                guard (error as? Refusal)?.code == .fileNotFound else { return }
                NIOThreadPool.singleton.submit { _ in area.remove(file.fileId) }
            }
        }
    }
}
