import JobFiles
import JobModel
import JobWire

/// Brings what a request carries into the files area: durable when it returns, and if it throws, gone.
///
/// Its methods block, with the sender and with the disk.
struct UploadReader: Sendable {
    private static let chunkBytes = 64 * 1024

    let intake: UploadIntake
    let pace: UploadPace

    /// Stores a raw body as one file.
    func readFile(
        _ http: HTTPRequest, _ body: any Body, counting count: (Int64) throws(Refusal) -> Void = { _ in }
    ) throws(Refusal) -> ArrivedUpload {
        let name = http.query["name"] ?? ContentDisposition.fileName(http.header("CONTENT_DISPOSITION")) ?? ""
        return try storing {
            let announced = Upload.Announcement(
                name: name, size: http.contentLength, sha256: try ReprDigest.sha256(http.header("REPR_DIGEST")))
            var upload = try begin(announced)
            try read(body, counting: count) { try upload.append($0) }
            return try upload.commit()
        }
    }

    /// Stores the files of a form, and returns them with those of its fields that are named.
    func readForm(
        _ http: HTTPRequest, _ body: any Body, names: [String] = [],
        counting count: (Int64) throws(Refusal) -> Void = { _ in }
    ) throws(Refusal) -> UploadedForm {
        guard let boundary = http.boundary, var parser = MultipartParser(boundary: boundary) else {
            throw Refusal(.invalidRequest, "The Content-Type multipart/form-data names no boundary.")
        }
        var form = UploadedForm(reader: self, names: names)
        try storing {
            let expected = try ReprDigest.sha256(http.header("REPR_DIGEST"))
            if let length = http.contentLength { try intake.checkRoom(for: length) }
            var digest = Digest()
            try read(body, counting: count) { chunk in
                if expected != nil { digest.add(chunk) }
                try parser.feed(chunk) { try form.take($0) }
            }
            try parser.finish()
            if let expected, case let sha256 = digest.hexadecimal, sha256 != expected {
                throw UploadError.otherContent(sha256: sha256)
            }
        }
        return form
    }

    func begin(_ announced: Upload.Announcement) throws(UploadError) -> Upload {
        var generator = SystemRandomNumberGenerator()
        return try Upload(.make(at: .now, using: &generator), announced, through: intake)
    }

    func checkSize(_ size: Int64) throws(UploadError) {
        guard size <= intake.maximumBytes else { throw .tooLarge(maximumBytes: intake.maximumBytes) }
    }

    // MARK: Parts

    /// Reads a body to its end, and says after each piece how much has come.
    private func read(
        _ body: any Body, counting count: (Int64) throws(Refusal) -> Void,
        _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let chunk = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Self.chunkBytes)
        defer { chunk.deallocate() }
        let start = ContinuousClock.now
        var bytes: Int64 = 0
        while case let length = try body.read(into: chunk), length > 0 {
            bytes += Int64(length)
            try pace.check(bytes, after: ContinuousClock.now - start)
            try count(bytes)
            try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<length]))
        }
    }

    /// Runs a body whose errors become what the sender is told.
    private func storing<Value: ~Copyable>(_ body: () throws -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch let error as Refusal {
            throw error
        } catch let error as UploadError {
            throw Refusal(error)
        } catch let error as MultipartParser.Malformed {
            throw Refusal(.invalidRequest, "The form \(error).")
        } catch {
            throw Refusal(.internalError, "The file could not be stored.")
        }
    }
}
