import NIOCore

/// Gathers the replies of a batch.
///
/// `@unchecked Sendable`: a connection adds each reply on the daemon's loop, where it also made this.
final class BatchReply: @unchecked Sendable {
    private var missing: Int
    private var lines: [ByteBuffer] = []
    private let send: (ByteBuffer?) -> Void

    init(count: Int, send: @escaping (ByteBuffer?) -> Void) {
        missing = count
        self.send = send
    }

    @Sendable func add(_ line: ByteBuffer?) {
        if let line { lines.append(line) }
        missing -= 1
        guard missing == 0, !lines.isEmpty else { return }
        var array = ByteBuffer(string: "[")
        for (index, line) in lines.enumerated() {
            if index > 0 { array.writeStaticString(",") }
            // Without its line feed.
            array.writeImmutableBuffer(line.getSlice(at: line.readerIndex, length: line.readableBytes - 1) ?? line)
        }
        array.writeStaticString("]\n")
        send(array)
    }
}
