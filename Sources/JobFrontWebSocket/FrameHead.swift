import JobFront

/// What stands before a frame's payload; RFC 6455, section 5.2.
struct FrameHead: Hashable, Sendable {
    enum Opcode: UInt8, Sendable {
        case continuation = 0
        case text = 1
        case binary = 2
        case close = 8
        case ping = 9
        case pong = 10

        var isControl: Bool { rawValue >= 8 }
    }

    static let maximumControlBytes = 125
    /// Of the longest head of a client.
    static let maximumBytes = 14

    let isFinal: Bool
    let opcode: Opcode
    /// Of the payload, in bytes.
    let length: Int
    let mask: [UInt8]

    /// How many bytes a head has that begins so; two as long as fewer are known.
    static func byteCount(of bytes: [UInt8]) -> Int {
        guard bytes.count >= 2 else { return 2 }
        let lengthBytes =
            switch bytes[1] & 0x7F {
            case 126: 2
            case 127: 8
            default: 0
            }
        return 2 + lengthBytes + (bytes[1] & 0x80 == 0 ? 0 : 4)
    }

    /// Refuses a head by its first two bytes, before more of it has come.
    ///
    /// - Returns: The opcode.
    @discardableResult
    static func check(_ bytes: [UInt8]) throws(Violation) -> Opcode {
        guard bytes[0] & 0x70 == 0 else {
            throw Violation(.protocolError, "Reserved bits are set; no extension is spoken.")
        }
        guard let opcode = Opcode(rawValue: bytes[0] & 0x0F) else {
            throw Violation(.protocolError, "A frame has an opcode that means nothing.")
        }
        guard bytes[1] & 0x80 != 0 else { throw Violation(.protocolError, "A client's frames must be masked.") }
        if opcode.isControl {
            guard bytes[0] & 0x80 != 0 else { throw Violation(.protocolError, "A control frame is in pieces.") }
            guard bytes[1] & 0x7F <= maximumControlBytes else {
                throw Violation(.protocolError, "A control frame has more than \(maximumControlBytes) bytes.")
            }
        }
        return opcode
    }

    /// Reads a head that has come whole.
    init(_ bytes: [UInt8]) throws(Violation) {
        opcode = try Self.check(bytes)
        isFinal = bytes[0] & 0x80 != 0
        let short = bytes[1] & 0x7F
        let long = bytes[2..<(bytes.count - 4)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        // The shortest form is the only one.
        let isShortest =
            switch short {
            case 126: long > 125
            case 127: long > 0xFFFF && long < 1 << 63
            default: true
            }
        guard isShortest else { throw Violation(.protocolError, "A length is not written in its shortest form.") }
        length = short < 126 ? Int(short) : Int(long)
        mask = Array(bytes.suffix(4))
    }
}

/// What a client must not do, and how its connection ends.
struct Violation: Error, Hashable, Sendable {
    let code: CloseCode
    let reason: String

    init(_ code: CloseCode, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
