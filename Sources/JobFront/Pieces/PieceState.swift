import JobModel

/// How far a resumable upload is.
struct PieceState {
    /// Bytes that are stored, synced.
    let offset: Int64
    /// When something came last.
    let changed: Timestamp
    /// Its file is stored, and its record made.
    var isFinished = false

    /// What a client is told of it.
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
