import JSON
import JobWire
import NIOCore

/// The replies to a batch, as far as there are any.
struct BatchReplies {
    /// What they may have together, in bytes.
    static let limit = 16 * 1024 * 1024

    private var missing: Int
    private var replies: [ByteBuffer] = []
    private var bytes = 0

    init(count: Int) { missing = count }

    /// Adds what a request came to, nothing for a notification; returns whether it was the last.
    mutating func add(_ result: Result<ByteBuffer, Refusal>, to id: JSONValue?) -> Bool {
        missing -= 1
        if let id {
            var reply = Frame.reply(result, to: id)
            if bytes + reply.readableBytes > Self.limit { reply = Frame.reply(.failure(Self.tooLarge), to: id) }
            bytes += reply.readableBytes
            replies.append(reply)
        }
        return missing == 0
    }

    /// The line with all of them; nil when all requests were notifications.
    var line: ByteBuffer? { replies.isEmpty ? nil : Frame.batch(replies) }

    private static let tooLarge = Refusal(
        .payloadTooLarge,
        "This was done, but the replies of a batch have at most \(limit) bytes together; ask for the result alone.")
}
