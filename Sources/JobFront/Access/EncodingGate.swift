import JobWire

/// Bodies that are not what they seem: packed, or a part of something.
struct EncodingGate: Gate {
    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        if let encoding = request.header("CONTENT_ENCODING"), encoding.lowercased() != "identity" {
            throw Refusal(
                .unsupportedMediaType,
                "The Content-Encoding \(encoding.prefix(50)) is not taken; send the bytes as they are.")
        }
        guard request.header("CONTENT_RANGE") == nil else {
            throw Refusal(.invalidRequest, "Content-Range is not taken: a body is a whole.")
        }
    }
}
