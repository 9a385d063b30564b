package import JSON
package import JobModel
package import NIOCore

/// The lines that the daemon sends, their line feed included.
package enum Frame {
    /// What a request came to.
    package static func reply(_ result: Result<ByteBuffer, Refusal>, to id: JSONValue) -> ByteBuffer {
        switch result {
        case .success(let body): reply(#","result":"#, body, to: id)
        case .failure(let refusal): reply(#","error":"#, ByteBuffer(bytes: refusal.json.bytes), to: id)
        }
    }

    private static func reply(_ name: StaticString, _ body: ByteBuffer, to id: JSONValue) -> ByteBuffer {
        let id = id.bytes
        // One allocation: with the fixed parts, the closing brace and the line feed.
        var line = ByteBufferAllocator().buffer(capacity: id.count + body.readableBytes + 40)
        line.writeStaticString(#"{"jsonrpc":"2.0","id":"#)
        line.writeBytes(id)
        line.writeStaticString(name)
        line.writeImmutableBuffer(body)
        line.writeStaticString("}\n")
        return line
    }

    /// One line of the replies to a batch.
    package static func batch(_ replies: [ByteBuffer]) -> ByteBuffer {
        var line = ByteBuffer()
        line.reserveCapacity(replies.reduce(2) { $0 + $1.readableBytes })
        for (index, reply) in replies.enumerated() {
            line.writeStaticString(index == 0 ? "[" : ",")
            // Without its line feed.
            line.writeImmutableBuffer(reply.getSlice(at: reply.readerIndex, length: reply.readableBytes - 1) ?? reply)
        }
        line.writeStaticString("]\n")
        return line
    }

    /// A job's newest state, already encoded.
    package static func changed(_ job: ByteBuffer, watch: Int) -> ByteBuffer {
        var line = ByteBuffer()
        line.reserveCapacity(job.readableBytes + 90)
        line.writeStaticString(#"{"jsonrpc":"2.0","method":"jobs.changed","params":{"watch":"#)
        line.writeString(String(watch))
        line.writeStaticString(#","job":"#)
        line.writeImmutableBuffer(job)
        line.writeStaticString("}}\n")
        return line
    }

    /// A line that tells a watch that its job is deleted.
    package static func gone(_ tombstone: Tombstone, watch: Int) -> ByteBuffer {
        notification(
            .gone,
            [
                "watch": JSONValue(watch), "jobId": .string(tombstone.jobId.description),
                "jobStatus": .string(tombstone.jobStatus.rawValue), "finishedAt": JSONValue(tombstone.finishedAt),
                "goneAt": JSONValue(tombstone.goneAt),
            ])
    }

    /// A line that tells a watch that changes were left out, because nobody read them.
    package static func lagged(watch: Int) -> ByteBuffer { notification(.lagged, ["watch": JSONValue(watch)]) }

    private static func notification(_ notification: Notification, _ params: JSONValue) -> ByteBuffer {
        ByteBuffer(string: #"{"jsonrpc":"2.0","method":"\#(notification.rawValue)","params":\#(params.text)}"# + "\n")
    }
}
