import JobFront
import NIOCore

/// The frames that a server sends: whole, and without a mask.
enum FrameWriter {
    /// Writes what stands before a payload.
    static func writeHead(_ opcode: FrameHead.Opcode, length: Int, into bytes: inout ByteBuffer) {
        bytes.writeInteger(0x80 | opcode.rawValue)
        switch length {
        case ...125: bytes.writeInteger(UInt8(length))
        case ...0xFFFF:
            bytes.writeInteger(UInt8(126))
            bytes.writeInteger(UInt16(length))
        default:
            bytes.writeInteger(UInt8(127))
            bytes.writeInteger(UInt64(length))
        }
    }

    /// A frame that says something about the connection; of the payload only as much as fits.
    static func control(_ opcode: FrameHead.Opcode, _ payload: ByteBuffer = ByteBuffer()) -> ByteBuffer {
        let length = min(payload.readableBytes, FrameHead.maximumControlBytes)
        var frame = ByteBuffer()
        writeHead(opcode, length: length, into: &frame)
        frame.writeBytes(payload.readableBytesView.prefix(length))
        return frame
    }

    /// A frame that ends the connection, with a short reason; without a code where the client gave none.
    static func close(_ code: UInt16?, _ reason: String = "") -> ByteBuffer {
        var payload = ByteBuffer()
        if let code { payload.writeInteger(code) }
        payload.writeString(reason)
        return control(.close, payload)
    }
}
