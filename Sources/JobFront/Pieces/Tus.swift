import JobFiles
import JobModel
import JobWire

/// The protocol of resumable uploads, tus 1.0.0 (https://tus.io/protocols/resumable-upload), as its headers say it.
enum Tus {
    static let version = "1.0.0"
    static let extensions =
        "creation,creation-with-upload,creation-defer-length,checksum,expiration,termination,concatenation"
    static let contentType = "application/offset+octet-stream"
    static let path = "/api/uploads"

    /// Whether a path is one of the protocol's.
    static func hasPath(_ path: String) -> Bool { path == Self.path || path.hasPrefix(Self.path + "/") }

    static func location(of upload: FileID) -> String { "\(path)/\(upload)" }

    /// What every answer has to say, and what more OPTIONS and a wrong version are told.
    static func headers(of request: HTTPRequest, status: Int, maximumBytes: Int64) -> [HTTPResponse.Header] {
        var headers: [HTTPResponse.Header] = [.init(name: "Tus-Resumable", value: version)]
        if request.method == "OPTIONS" || status == 412 { headers.append(.init(name: "Tus-Version", value: version)) }
        if request.method == "OPTIONS" {
            let algorithms = PieceOfUpload.Checksum.Algorithm.allCases.map(\.rawValue)
            headers += [
                .init(name: "Tus-Extension", value: extensions),
                .init(name: "Tus-Max-Size", value: String(maximumBytes)),
                .init(name: "Tus-Checksum-Algorithm", value: algorithms.joined(separator: ",")),
            ]
        }
        return headers
    }

    /// Refuses a request of another version.
    static func check(_ request: HTTPRequest) throws(Refusal) {
        guard request.header("TUS_RESUMABLE") == version else {
            throw Refusal(.preconditionFailed, "The header Tus-Resumable must be \(version).")
        }
    }

    /// Refuses a piece that is not said to be one.
    static func checkContentType(_ request: HTTPRequest) throws(Refusal) {
        let type = request.contentType?.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard type == contentType else {
            throw Refusal(.unsupportedMediaType, "The Content-Type of a piece must be \(contentType).")
        }
    }

    /// A number of bytes; one that no number can hold is the largest.
    static func size(_ text: String?, _ name: String) throws(Refusal) -> Int64? {
        guard let text else { return nil }
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw wrong(name, "is not a number of bytes")
        }
        return Int64(text) ?? .max
    }

    /// The length that a request says; nil where it says none.
    ///
    /// - Throws: When it is more than an upload may have.
    static func length(_ request: HTTPRequest, maximumBytes: Int64) throws(Refusal) -> Int64? {
        guard let length = try size(request.header("UPLOAD_LENGTH"), "Upload-Length") else { return nil }
        guard length <= min(maximumBytes, Limits.sizes.upperBound) else {
            throw Refusal(UploadError.tooLarge(maximumBytes: maximumBytes))
        }
        return length
    }

    static func wrong(_ header: String, _ problem: String) -> Refusal {
        Refusal(.invalidRequest, "The header \(header) \(problem).")
    }
}
