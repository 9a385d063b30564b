import JSON
import JobWire
import NIOCore

/// One message and what it is answered with: one reply, or those of a batch together.
///
/// Lives on the event loop.
final class SocketExchange {
    /// What the replies of a batch may have together, in bytes.
    private static let limit = 16 * 1024 * 1024

    /// Of the message.
    let byteCount: Int
    private let isBatch: Bool
    private var missing: Int
    private var replies: [ByteBuffer] = []
    private var replyBytes = 0

    /// Expects the answers to `count` requests, of a batch or to one alone.
    init(byteCount: Int, count: Int, isBatch: Bool) {
        self.byteCount = byteCount
        self.isBatch = isBatch
        missing = count
    }

    /// Adds what a request came to, nothing for a notification; returns whether it was the last.
    func add(_ result: Result<ByteBuffer, Refusal>, to id: JSONValue?) -> Bool {
        missing -= 1
        if let id {
            var reply = Frame.reply(result, to: id)
            if replyBytes + reply.readableBytes > Self.limit, isBatch {
                reply = Frame.reply(.failure(Self.tooLarge), to: id)
            }
            replyBytes += reply.readableBytes
            replies.append(reply)
        }
        return missing == 0
    }

    /// The message with all of them; nil when all requests were notifications.
    var message: ByteBuffer? {
        guard let first = replies.first else { return nil }
        let line = isBatch ? Frame.batch(replies) : first
        // Without its line feed.
        return line.getSlice(at: line.readerIndex, length: line.readableBytes - 1)
    }

    private static let tooLarge = Refusal(
        .payloadTooLarge,
        "This was done, but the replies of a batch have at most \(limit) bytes together; ask for the result alone.")
}
