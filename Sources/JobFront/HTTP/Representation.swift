import JobModel
import JobWire

/// The bytes of something that never changes, and what they are called.
struct Representation: Sendable {
    let name: String
    /// In bytes.
    let size: Int64
    /// 64 hexadecimal digits.
    let sha256: String

    init(_ artifact: Artifact) {
        (name, size, sha256) = (artifact.name.description, artifact.size, artifact.sha256)
    }

    /// A file is called by its id, which is harmless; its name is in the job.
    init(_ file: JobFile) {
        (name, size, sha256) = (file.fileId.description, file.size, file.sha256 ?? "")
    }

    /// The whole, the part that was asked for, or only that nothing has changed.
    func response(to request: HTTPRequest, _ file: OpenFile, type: String) -> HTTPResponse {
        let tag = EntityTag.quoted(sha256)
        var headers: [HTTPResponse.Header] = [.init(name: "ETag", value: tag)]
        if EntityTag.matches(request.header("IF_NONE_MATCH"), tag) { return HTTPResponse(304, headers: headers) }
        headers += [
            .init(name: "Content-Type", value: type),
            .init(name: "Content-Disposition", value: "attachment; filename=\"\(name)\""),
            .init(name: "X-Content-Type-Options", value: "nosniff"), .init(name: "Accept-Ranges", value: "bytes"),
            // Whatever a browser makes of it, it is not a page of this site.
            .init(name: "Content-Security-Policy", value: "sandbox; default-src 'none'"),
        ]
        if let digest = ReprDigest.text(sha256: sha256) {
            headers.append(.init(name: "Repr-Digest", value: digest))
        }
        let isCurrent = request.header("IF_RANGE").map { $0 == tag } ?? true
        let range = request.method == "GET" && isCurrent ? request.header("RANGE") : nil
        switch ByteRange(range, size: size) {
        case .whole: return HTTPResponse(200, headers: headers, body: .file(FilePart(file: file, range: 0..<size)))
        case .part(let part):
            headers.append(
                .init(name: "Content-Range", value: "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(size)"))
            return HTTPResponse(206, headers: headers, body: .file(FilePart(file: file, range: part)))
        case .notSatisfiable:
            return Problem.response(
                Refusal(.rangeNotSatisfiable, "There are \(size) bytes; the range begins behind their end."),
                headers: [.init(name: "Content-Range", value: "bytes */\(size)")])
        }
    }
}
