import JSON
import JobModel
import JobWire

/// An upload as the daemon knows it, and how long it stays when nothing more comes.
struct KnownUpload: Sendable {
    let record: UploadRecord
    private let keep: Duration

    init(_ json: JSONValue) throws(Refusal) {
        guard let id = json["fileId"]?.string.flatMap(FileID.init), let record = UploadRecord(id, json: json),
            let seconds = json["keepSeconds"]?.integer
        else { throw Refusal(.internalError, "The daemon does not say what the upload is.") }
        self.record = record
        keep = .seconds(seconds)
    }

    /// When it expires, if nothing comes after this moment.
    func end(after changed: Timestamp) -> Timestamp { changed + keep }

    /// Refuses one whose time is over, and which is there only because nobody has removed it yet.
    func checkTime(_ changed: Timestamp) throws(Refusal) {
        guard end(after: max(changed, record.createdAt)) > .now else {
            throw Refusal(.uploadNotFound, "The upload has expired.")
        }
    }

    /// What was said of it, and is told.
    var description: [HTTPResponse.Header] {
        var headers: [HTTPResponse.Header] = []
        if let length = record.length {
            headers.append(.init(name: "Upload-Length", value: String(length)))
        } else {
            headers.append(.init(name: "Upload-Defer-Length", value: "1"))
        }
        if let metadata = record.metadata { headers.append(.init(name: "Upload-Metadata", value: metadata)) }
        if let concat = UploadConcat.text(record.kind) { headers.append(.init(name: "Upload-Concat", value: concat)) }
        return headers
    }
}
