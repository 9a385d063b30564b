package import NIOCore

/// Splits a connection's bytes into lines; both ends of the control socket use it.
package struct LineFraming: ByteToMessageDecoder {
    package typealias InboundOut = ByteBuffer

    /// A request line's most bytes.
    package static let requestLimit = 2 * 1024 * 1024

    /// Thrown once a line is longer than the limit; the rest of the connection cannot be understood.
    package struct LineTooLong: Error {}

    private let limit: Int
    /// Bytes from the reader index on in which no line feed was found.
    private var scanned = 0

    package init(limit: Int) {
        self.limit = limit
    }

    package mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        let unread = buffer.readableBytesView
        guard let end = unread[(unread.startIndex + scanned)...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = unread.count
            guard scanned <= limit else { throw LineTooLong() }
            return .needMoreData
        }
        let length = end - unread.startIndex
        guard length <= limit else { throw LineTooLong() }
        scanned = 0
        guard let line = buffer.readSlice(length: length) else { return .needMoreData }
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(wrapInboundOut(line))
        return .continue
    }

    /// A line that the other end did not finish is dropped.
    package mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        try decode(context: context, buffer: &buffer)
    }
}
