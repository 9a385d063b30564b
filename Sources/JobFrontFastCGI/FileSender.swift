import JobFront
import NIOCore
import NIOPosix

/// Sends a part of a file in records, reading the next only when the last one is out; on the event loop.
final class FileSender {
    private let part: FilePart
    private let response: OpenResponse
    private var offset: Int64

    init(_ part: FilePart, in response: OpenResponse) {
        self.part = part
        self.response = response
        offset = part.range.lowerBound
    }

    /// Sends the head, the part and the end.
    ///
    /// A file that turns out to be shorter closes the connection early, so that the peer sees that something is missing.
    func begin(with head: ByteBuffer) {
        var records = ByteBuffer()
        FastCGIRecords.append(output: head, requestId: response.requestId, into: &records)
        response.channel.write(records, promise: nil)
        sendNext()
    }

    private func sendNext() {
        let file = part.file
        let offset = offset
        let channel = response.channel
        let count = Int(min(part.range.upperBound - offset, Int64(FastCGIRecords.maximumContent)))
        guard count > 0 else { return response.end() }
        NIOThreadPool.singleton.runIfActive(eventLoop: channel.eventLoop) { try file.read(at: offset, count: count) }
            .assumeIsolated().whenComplete { [self] result in
                guard case .success(let bytes) = result, bytes.readableBytes > 0 else {
                    return channel.close(promise: nil)
                }
                self.offset += Int64(bytes.readableBytes)
                channel.write(
                    FastCGIRecords.outputHeader(length: bytes.readableBytes, requestId: response.requestId),
                    promise: nil)
                channel.writeAndFlush(bytes).assumeIsolated().whenComplete { [self] result in
                    if case .success = result { sendNext() }
                }
            }
    }
}
