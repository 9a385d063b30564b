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
    package init(_ text: ByteBuffer, noun: String, read: (JSONNode) -> Element) {
        do throws(JSONError) {
            let json = try JSONNode.parse(text.withUnsafeReadableBytes { [UInt8]($0) })
            guard let elements = json.array, !elements.isEmpty else {
                self = .single(read(json))
                return
            }
            guard elements.count <= Request.maximumBatchCount else {
                let problem = "A batch has at most \(Request.maximumBatchCount) requests."
                self = .refused(Refusal(.notARequest, .invalidRequest, problem))
                return
            }
            self = .batch(elements.map(read))
        } catch {
            self = .unreadable(Refusal(.notJSON, .invalidRequest, "The \(noun) \(error)."))
        }
    }
}
