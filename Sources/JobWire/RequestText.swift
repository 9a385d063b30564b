package import JSON
package import NIOCore

/// What one line of the control socket, or one message of a WebSocket, asks for.
package enum RequestText<Element> {
    case single(Element)
    /// Answered by one array, in any order; without an answer when all are notifications. At least one, and at most
    /// ``Request/maximumBatchCount``.
    case batch([Element])
    /// A batch that is too long: answered with `id` null.
    case refused(Refusal)
    /// Not even JSON: answered with `id` null, then the connection ends.
    case unreadable(Refusal)

    /// Reads a text; `noun` is what its sender calls it ("line", "message"), `read` reads one request of it.
    package init(_ text: ByteBuffer, noun: String, read: (JSONValue) -> Element) {
        let json = text.withUnsafeReadableBytes { bytes in
            Result { () throws(JSONError) in try JSONValue.parse(bytes) }
        }
        switch json {
        case .success(.array(let elements)) where elements.count > Request.maximumBatchCount:
            let problem = "A batch has at most \(Request.maximumBatchCount) requests."
            self = .refused(Refusal(.notARequest, .invalidRequest, problem))
        case .success(.array(let elements)) where !elements.isEmpty: self = .batch(elements.map(read))
        case .success(let json): self = .single(read(json))
        case .failure(let error): self = .unreadable(Refusal(.notJSON, .invalidRequest, "The \(noun) \(error)."))
        }
    }
}
