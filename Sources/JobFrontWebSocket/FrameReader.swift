import JobFront
import NIOCore

/// A client's bytes to messages: frames are put together, and what breaks a rule of RFC 6455 is refused as soon as it shows.
///
/// NIO's own decoder holds a frame until it has come whole, so that of many connections nobody knows what they hold; this one
/// holds one message as far as it has come, and says how much that is.
struct FrameReader {
    /// Of one message, all its frames together.
    static let maximumMessageBytes = 2 * 1024 * 1024
    /// Frames of one message; smaller ones than 32 bytes on average are not meant well.
    static let maximumFragments = 65_536

    enum Incoming: Hashable {
        case message(ByteBuffer)
        case ping(ByteBuffer)
        case pong
        /// Nil where the client gives no code.
        case close(UInt16?)
    }

    private struct Frame {
        let head: FrameHead
        var missing: Int
        /// Where in the mask the next byte is.
        var maskIndex = 0
    }

    private var headBytes: [UInt8] = []
    private var frame: Frame?
    private var control = ByteBuffer()
    private var message = ByteBuffer()
    /// Frames of the message that has begun; 0 where none has.
    private var fragments = 0

    /// What it holds.
    var heldBytes: Int { message.readableBytes }

    /// Whether a message has begun, which frames between its own do not end.
    var isWithinMessage: Bool { fragments > 0 }

    /// Takes bytes from the front until something has come whole; nil when all are taken before.
    mutating func read(_ bytes: inout ByteBuffer) throws(Violation) -> Incoming? {
        while true {
            if frame == nil { frame = try readHead(&bytes) }
            guard var frame else { return nil }
            if frame.missing > 0 {
                guard bytes.readableBytes > 0 else {
                    self.frame = frame
                    return nil
                }
                take(&bytes, of: &frame)
                guard frame.missing == 0 else {
                    self.frame = frame
                    return nil
                }
            }
            self.frame = nil
            if let incoming = try end(of: frame.head) { return incoming }
        }
    }

    private mutating func readHead(_ bytes: inout ByteBuffer) throws(Violation) -> Frame? {
        while let byte = bytes.readInteger(as: UInt8.self) {
            headBytes.append(byte)
            if headBytes.count == 2 { try check(try FrameHead.check(headBytes)) }
            guard headBytes.count >= 2, headBytes.count == FrameHead.byteCount(of: headBytes) else { continue }
            let head = try FrameHead(headBytes)
            headBytes.removeAll(keepingCapacity: true)
            if !head.opcode.isControl {
                guard head.length <= Self.maximumMessageBytes - message.readableBytes else {
                    throw Violation(.tooBig, "A message has at most \(Self.maximumMessageBytes) bytes.")
                }
                fragments += 1
                guard fragments <= Self.maximumFragments else {
                    throw Violation(.policy, "A message has at most \(Self.maximumFragments) frames.")
                }
            }
            return Frame(head: head, missing: head.length)
        }
        return nil
    }

    /// Refuses a frame that is not what has to follow.
    private func check(_ opcode: FrameHead.Opcode) throws(Violation) {
        switch opcode {
        case .binary: throw Violation(.notText, "Messages are texts.")
        case .text:
            guard fragments == 0 else { throw Violation(.protocolError, "A message begins within another one.") }
        case .continuation:
            guard fragments > 0 else {
                throw Violation(.protocolError, "A frame continues a message that did not begin.")
            }
        case .close, .ping, .pong: break
        }
    }

    private mutating func take(_ bytes: inout ByteBuffer, of frame: inout Frame) {
        guard let part = bytes.readSlice(length: min(frame.missing, bytes.readableBytes)) else { return }
        if frame.head.opcode.isControl {
            control.writeUnmasked(part, frame.head.mask, from: frame.maskIndex)
        } else {
            message.writeUnmasked(part, frame.head.mask, from: frame.maskIndex)
        }
        frame.missing -= part.readableBytes
        frame.maskIndex = (frame.maskIndex + part.readableBytes) % 4
    }

    /// What has come whole with a frame; nil when it is a part of a message.
    private mutating func end(of head: FrameHead) throws(Violation) -> Incoming? {
        switch head.opcode {
        case .text, .continuation:
            guard head.isFinal else { return nil }
            defer { (message, fragments) = (ByteBuffer(), 0) }
            guard message.isUTF8 else { throw Violation(.wrongContent, "A message is not UTF-8.") }
            return .message(message)
        // Refused by its head.
        case .binary: return nil
        case .ping: return .ping(takeControl())
        case .pong:
            _ = takeControl()
            return .pong
        case .close: return .close(try Self.code(takeControl()))
        }
    }

    private mutating func takeControl() -> ByteBuffer {
        defer { control = ByteBuffer() }
        return control
    }

    /// The code of a close frame, whose reason is looked at, too; section 7.4.
    private static func code(_ payload: ByteBuffer) throws(Violation) -> UInt16? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self) else {
            throw Violation(.protocolError, "A close frame has half a code.")
        }
        guard (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code) else {
            throw Violation(.protocolError, "A close frame has a code that must not be sent.")
        }
        guard payload.isUTF8 else { throw Violation(.wrongContent, "The reason of a close frame is not UTF-8.") }
        return code
    }
}

extension ByteBuffer {
    /// Adds bytes that were masked, the first of them with the byte of the mask at `start`.
    fileprivate mutating func writeUnmasked(_ part: ByteBuffer, _ mask: [UInt8], from start: Int) {
        // The mask as it lies over the bytes, eight at a time.
        let key = (0..<8).reduce(UInt64(0)) { $0 | UInt64(mask[(start + $1) % 4]) << UInt64($1 * 8) }
        part.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { target in
                var index = 0
                while index + 8 <= source.count {
                    let word = UInt64(littleEndian: source.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                    target.storeBytes(of: (word ^ key).littleEndian, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < source.count {
                    target[index] = source[index] ^ UInt8(truncatingIfNeeded: key >> UInt64(index % 8 * 8))
                    index += 1
                }
                return source.count
            }
        }
    }

    fileprivate var isUTF8: Bool {
        withUnsafeReadableBytes { bytes in
            do {
                _ = try UTF8Span(validating: bytes.bindMemory(to: UInt8.self).span)
                return true
            } catch {
                return false
            }
        }
    }
}
