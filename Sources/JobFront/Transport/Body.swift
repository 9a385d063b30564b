package import JobWire

/// What comes behind a request's head; one thread at a time uses it, and is blocked while nothing comes.
package protocol Body: Sendable {
    /// Reads the next bytes: as many as fit, or as have come in a second; none at the end only.
    ///
    /// - Throws: A refusal when the body is cut off, stands still, or has another length than was announced.
    func read(into buffer: UnsafeMutableBufferPointer<CChar>) throws(Refusal) -> Int

    /// Reads what is there, and waits for something for at most `time`.
    ///
    /// - Returns: How many bytes; nil when none came, and 0 at the end.
    /// - Throws: As ``read(into:)``; what came before was handed over.
    func readAvailable(
        into buffer: UnsafeMutableBufferPointer<CChar>, within time: Duration
    ) throws(Refusal) -> Int?

    /// Lets the sender be silent for at most this long from now on.
    func setReceiveTimeout(_ timeout: Duration)
}

extension Body {
    /// For what never waits.
    package func readAvailable(
        into buffer: UnsafeMutableBufferPointer<CChar>, within time: Duration
    ) throws(Refusal) -> Int? { try read(into: buffer) }

    /// Reads a small body to its end.
    ///
    /// - Parameters:
    ///   - announced: The length that was announced, if one was.
    ///   - limit: In bytes.
    ///   - time: How long all of it may take.
    /// - Returns: All of it.
    /// - Throws: A refusal when it is larger, takes longer, or cannot be read.
    func readAll(
        announced: Int64?, limit: Int = HTTPRequest.bodyLimit, within time: Duration
    ) throws(Refusal) -> [UInt8] {
        func tooLarge() -> Refusal { Refusal(.payloadTooLarge, "The body is larger than \(limit) bytes.") }
        guard announced ?? 0 <= limit else { throw tooLarge() }
        let deadline = ContinuousClock.now + time
        var body: [UInt8] = []
        // One byte more than was announced, so that one read meets the end.
        let chunk = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(min(announced ?? 16_384, 16_384)) + 1)
        defer { chunk.deallocate() }
        while true {
            let count = try read(into: chunk)
            body.append(contentsOf: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(chunk)[..<count]))
            guard body.count <= limit else { throw tooLarge() }
            guard count > 0 else { return body }
            guard ContinuousClock.now < deadline else {
                throw Refusal(.requestTimeout, "The body did not arrive within \(time).")
            }
        }
    }
}
