import Glibc
import JSON
import JobModel
import NIOCore

/// Writes requests and hands each reply to whoever waits for its id.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    /// Called once with the bytes of the reply's `result`, a ``Refusal`` or ``ControlClient/ConnectionLost``.
    typealias Done = (Result<ByteBuffer, any Error>) -> Void

    /// The daemon is trusted; this only stops a line that never ends.
    static let lineLimit = 64 * 1024 * 1024

    private let onNotification: ControlClient.NotificationHandler
    private var context: ChannelHandlerContext?
    private var waiting: [Int64: Done] = [:]
    private var lastId: Int64 = 0
    private var flushIsScheduled = false

    init(onNotification: @escaping ControlClient.NotificationHandler) {
        self.onNotification = onNotification
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Requests of one turn of the loop leave in one write.
    func send(_ method: Method, params: [UInt8], caller: Caller?, whenDone done: @escaping Done) {
        guard let context, context.channel.isActive else { return done(.failure(ControlClient.ConnectionLost())) }
        lastId += 1
        waiting[lastId] = done
        var line = context.channel.allocator.buffer(capacity: params.count + 80)
        line.writeStaticString(#"{"jsonrpc":"2.0","id":"#)
        line.writeString(String(lastId))
        line.writeStaticString(#","method":""#)
        line.writeString(method.rawValue)
        line.writeStaticString(#"","params":"#)
        line.writeBytes(params)
        if let caller {
            line.writeStaticString(#","caller":"#)
            var json: [UInt8] = []
            json.reserveCapacity(128)
            caller.write(into: &json)
            line.writeBytes(json)
        }
        line.writeStaticString("}\n")
        context.write(wrapOutboundOut(line), promise: nil)
        guard !flushIsScheduled else { return }
        flushIsScheduled = true
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.flush() }
    }

    private func flush() {
        flushIsScheduled = false
        context?.flush()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let line = unwrapInboundIn(data)
        guard let (id, result) = Self.usualReply(line) else { return takeLine(line) }
        waiting.removeValue(forKey: id)?(.success(result))
    }

    /// The id and the result of a line that is written as jobd writes nearly all of them; nil for any other.
    ///
    /// What is large in it, the result, is not looked at.
    private static func usualReply(_ line: ByteBuffer) -> (id: Int64, result: ByteBuffer)? {
        var rest = line
        guard rest.takes(#"{"jsonrpc":"2.0","id":"#) else { return nil }
        var id: Int64 = 0
        while let digit = rest.getInteger(at: rest.readerIndex, as: UInt8.self),
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit), id < Int64.max / 100
        {
            id = id * 10 + Int64(digit - UInt8(ascii: "0"))
            rest.moveReaderIndex(forwardBy: 1)
        }
        guard rest.takes(#","result":"#), rest.readableBytesView.last == UInt8(ascii: "}"),
            let result = rest.readSlice(length: rest.readableBytes - 1)
        else { return nil }
        return (id, result)
    }

    private func takeLine(_ line: ByteBuffer) {
        var id: Int64?
        var result: ByteBufferView?
        var failure: ByteBufferView?
        var method: Notification?
        JSONSlices.members(of: line.readableBytesView) { key, value in
            if key.elementsEqual("id".utf8) {
                id = Int64(String(decoding: value, as: UTF8.self))
            } else if key.elementsEqual("result".utf8) || key.elementsEqual("params".utf8) {
                result = value
            } else if key.elementsEqual("error".utf8) {
                failure = value
            } else if key.elementsEqual("method".utf8) {
                method = Notification(rawValue: String(decoding: value.dropFirst().dropLast(), as: UTF8.self))
            }
            return true
        }
        if let method, let result { return onNotification(method, ByteBuffer(result)) }
        guard let id, let done = waiting.removeValue(forKey: id) else { return }
        if let result {
            done(.success(ByteBuffer(result)))
        } else {
            let json = failure.flatMap { try? JSONValue.parse($0) } ?? .null
            done(.failure(Refusal(json: json)))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let lost = waiting
        waiting = [:]
        for done in lost.values { done(.failure(ControlClient.ConnectionLost())) }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension ByteBuffer {
    /// Drops a text from the front if it is there.
    fileprivate mutating func takes(_ text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        let isThere = withUnsafeReadableBytes { bytes in
            guard bytes.count >= length, let start = bytes.baseAddress else { return false }
            return memcmp(start, text.utf8Start, length) == 0
        }
        if isThere { moveReaderIndex(forwardBy: length) }
        return isThere
    }
}
