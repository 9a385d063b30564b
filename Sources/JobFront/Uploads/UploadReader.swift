import JobFiles
import JobModel
import JobSystem
import JobWire

/// Brings what a request carries into the files area: hashed on the way, durable when it returns, and if it throws, gone.
///
/// Its methods block, with the sender and with the disk.
struct UploadReader: Sendable {
    private static let chunkBytes = 64 * 1024

    let area: FilesArea
    let room: StorageRoom
    /// The most bytes of one file.
    let maximumBytes: Int64

    /// Stores a raw body as one file.
    func readFile(_ http: HTTPRequest, _ body: any Body) throws(Refusal) -> JobFile {
        let name = http.query["name"] ?? ContentDisposition.fileName(http.header("CONTENT_DISPOSITION")) ?? ""
        return try storing {
            let expected = try ReprDigest.sha256(http.header("REPR_DIGEST"))
            try checkSize(http.contentLength ?? 0)
            let reservation = try room.reserve(http.contentLength)
            defer { reservation.release() }
            var arrival = try makeArrival()
            try read(body) { chunk in
                try checkSize(arrival.size + Int64(chunk.count))
                try arrival.append(chunk)
            }
            try compare(arrival.sha256, with: expected)
            return try arrival.commit(name: name)
        }
    }

    /// Stores the files of a form, and returns them with those of its fields that are named.
    func readForm(
        _ http: HTTPRequest, _ body: any Body, names: [String] = []
    ) throws(Refusal) -> UploadedForm {
        guard let boundary = http.boundary, var parser = MultipartParser(boundary: boundary) else {
            throw Refusal(.invalidRequest, "The Content-Type multipart/form-data names no boundary.")
        }
        var form = UploadedForm(reader: self, names: names)
        do throws(Refusal) {
            try storing {
                let expected = try ReprDigest.sha256(http.header("REPR_DIGEST"))
                let reservation = try room.reserve(http.contentLength)
                defer { reservation.release() }
                var digest = Digest()
                try read(body) { chunk in
                    if expected != nil { digest.add(chunk) }
                    try parser.feed(chunk) { try form.take($0) }
                }
                try parser.finish()
                try compare(digest.hexadecimal, with: expected)
            }
        } catch {
            form.discard()
            throw error
        }
        return form
    }

    func makeArrival() throws -> Arrival {
        var generator = SystemRandomNumberGenerator()
        return try Arrival(.make(at: .now, using: &generator), in: area)
    }

    func checkSize(_ size: Int64) throws(Refusal) {
        guard size <= maximumBytes else {
            throw Refusal(.payloadTooLarge, "A file may have at most \(maximumBytes) bytes.")
        }
    }

    // MARK: Parts

    private func read(_ body: any Body, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let chunk = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Self.chunkBytes)
        defer { chunk.deallocate() }
        while case let count = try body.read(into: chunk), count > 0 {
            try take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<count]))
        }
    }

    private func compare(_ sha256: String, with expected: String?) throws(Refusal) {
        guard let expected, expected != sha256 else { return }
        throw Refusal(.digestMismatch, "Repr-Digest announces another content: the SHA-256 is \(sha256).")
    }

    /// Runs a body whose errors become what the sender is told.
    private func storing<Value>(_ body: () throws -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch let error as Refusal {
            throw error
        } catch let error as MultipartParser.Malformed {
            throw Refusal(.invalidRequest, "The form \(error).")
        } catch let error as SystemError where error.isStorageFull {
            throw StorageRoom.full
        } catch {
            throw Refusal(.internalError, "The file could not be stored.")
        }
    }
}
