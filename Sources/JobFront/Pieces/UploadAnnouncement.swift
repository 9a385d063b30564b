import JobModel
import JobWire

extension UploadCreation {
    /// What the headers of a creation announce.
    ///
    /// - Parameters:
    ///   - request: Its metadata and its length, that the length follows, or which parts it is made of.
    ///   - fileId: What it is to be called.
    ///   - maximumBytes: Of an upload.
    /// - Throws: Why it cannot be that.
    init(_ request: HTTPRequest, _ fileId: FileID, maximumBytes: Int64) throws(Refusal) {
        let metadata = try UploadMetadata(request.header("UPLOAD_METADATA"))
        let kind = try UploadConcat.parse(request.header("UPLOAD_CONCAT"))
        let length = try Tus.length(request, maximumBytes: maximumBytes)
        let isDeferred = try Self.isDeferred(request)
        if kind.parts.isEmpty {
            guard (length == nil) == isDeferred else {
                throw Refusal(.invalidRequest, "One of Upload-Length and Upload-Defer-Length: 1 is needed.")
            }
        } else if length != nil || isDeferred {
            throw Tus.wrong("Upload-Length", "follows from the parts of a final upload")
        }
        self.init(
            fileId: fileId, kind: kind, name: metadata.name, mediaType: metadata.mediaType, metadata: metadata.text,
            length: length)
    }

    private static func isDeferred(_ request: HTTPRequest) throws(Refusal) -> Bool {
        switch request.header("UPLOAD_DEFER_LENGTH") {
        case nil: false
        case "1": true
        default: throw Tus.wrong("Upload-Defer-Length", "must be 1")
        }
    }
}
