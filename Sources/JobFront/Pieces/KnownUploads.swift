import JSON
import JobModel
import JobWire
import NIOCore

/// What the daemon knows of resumable uploads: it is asked for each, with who asks.
///
/// Every method waits for the daemon, so they run on a thread that may block.
struct KnownUploads: Sendable {
    let link: NIOLoopBound<DaemonLink>

    /// The upload of an id; refused as unknown, too, when it is there for others only.
    func find(_ id: String, for caller: Caller) throws(Refusal) -> KnownUpload {
        // What cannot be an id names nothing.
        guard FileID(id) != nil else { throw Refusal(.uploadNotFound, "There is no such upload.") }
        return try KnownUpload(try ask(.getUpload, ["fileId": .string(id)], caller))
    }

    /// Announces an upload.
    func announce(_ creation: UploadCreation, for caller: Caller) throws(Refusal) -> KnownUpload {
        var params: JSONObject = [
            "fileId": .string(creation.fileId.description), "kind": .string(creation.kind.word),
            "name": .string(creation.name), "mediaType": .string(creation.mediaType),
        ]
        if !creation.kind.parts.isEmpty {
            params["parts"] = .array(creation.kind.parts.map { .string($0.description) })
        }
        params["metadata"] = creation.metadata.map(JSONValue.string)
        params["length"] = creation.length.map { JSONValue($0) }
        return try KnownUpload(try ask(.createUpload, params, caller))
    }

    /// Takes back an upload that nobody has been told of; what fails is left to housekeeping.
    func takeBack(_ upload: KnownUpload) {
        _ = try? ask(.deleteUpload, ["fileId": .string(upload.record.fileId.description)], Caller(role: .operator))
    }

    /// Says how long an upload is of which that was not known.
    func setLength(_ length: Int64, of upload: KnownUpload, for caller: Caller) throws(Refusal) -> KnownUpload {
        let params: JSONObject = [
            "fileId": .string(upload.record.fileId.description), "length": JSONValue(length),
        ]
        return try KnownUpload(try ask(.setUploadLength, params, caller))
    }

    /// Has a file made of an upload that is complete.
    func adopt(_ file: JobFile, for caller: Caller) throws(Refusal) {
        _ = try ask(.adoptFile, file.json.object ?? [:], caller)
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
