import NIOCore

/// The records that an application sends to a web server; FastCGI 1.0, section 3.3.
enum FastCGIRecords {
    /// The most content in one record: below 65,536 and a multiple of 8, as the specification advises.
    static let maximumContent = 65_528

    private enum Kind: UInt8 {
        case endRequest = 3
        case standardOutput = 6
    }

    /// Appends output as STDOUT records; empty output appends nothing.
    static func append(output: ByteBuffer, requestId: UInt16, into records: inout ByteBuffer) {
        var rest = output
        while let content = rest.readSlice(length: min(rest.readableBytes, maximumContent)), content.readableBytes > 0 {
            appendHeader(.standardOutput, length: content.readableBytes, requestId: requestId, into: &records)
            records.writeImmutableBuffer(content)
        }
    }

    /// The header of a STDOUT record whose content, at most ``maximumContent`` bytes, follows it.
    static func outputHeader(length: Int, requestId: UInt16) -> ByteBuffer {
        var header = ByteBuffer()
        appendHeader(.standardOutput, length: length, requestId: requestId, into: &header)
        return header
    }

    /// Appends the end of the output and of the request, with exit status 0.
    ///
    /// The last request of a connection gets one more record, an empty one, which the specification does not know. Without it
    /// nginx keeps the connection, even if it did not ask for that, and sends its next request on one that is about to close.
    static func appendEnd(requestId: UInt16, isLast: Bool, into records: inout ByteBuffer) {
        appendHeader(.standardOutput, length: 0, requestId: requestId, into: &records)
        appendHeader(.endRequest, length: 8, requestId: requestId, into: &records)
        records.writeRepeatingByte(0, count: 8)
        if isLast { appendHeader(.standardOutput, length: 0, requestId: requestId, into: &records) }
    }

    /// Appends the end of a request that came beside another one, which is not possible here.
    static func appendRefusal(requestId: UInt16, into records: inout ByteBuffer) {
        appendHeader(.endRequest, length: 8, requestId: requestId, into: &records)
        records.writeInteger(UInt32(0))
        // FCGI_CANT_MPX_CONN.
        records.writeInteger(UInt8(1))
        records.writeRepeatingByte(0, count: 3)
    }

    private static func appendHeader(_ kind: Kind, length: Int, requestId: UInt16, into records: inout ByteBuffer) {
        // One number, which begins with version 1, because each write looks at the buffer's storage anew.
        let (kind, id, length) = (UInt64(kind.rawValue), UInt64(requestId), UInt64(UInt16(clamping: length)))
        records.writeInteger(1 << 56 | kind << 48 | id << 32 | length << 16)
    }
}
