import NIOCore

/// A frame as a client sends it, or as it must not.
struct ClientFrame {
    /// The first byte: whether it is the last of its message, reserved bits, and the opcode.
    var first: UInt8
    var payload: [UInt8] = []
    var mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    /// How many bytes the length takes beside the usual one: 0, 2 or 8; nil for the shortest.
    var lengthBytes: Int?

    static func text(_ text: String, isFinal: Bool = true) -> ClientFrame {
        Self.text(Array(text.utf8), isFinal: isFinal)
    }

    static func text(_ bytes: [UInt8], isFinal: Bool = true) -> ClientFrame {
        ClientFrame(first: isFinal ? 0x81 : 0x01, payload: bytes)
    }

    static func more(_ bytes: [UInt8], isFinal: Bool) -> ClientFrame {
        ClientFrame(first: isFinal ? 0x80 : 0x00, payload: bytes)
    }

    /// A text whose length takes more bytes than it has to.
    static func long(_ count: Int, lengthBytes: Int) -> ClientFrame {
        ClientFrame(first: 0x81, payload: Array(repeating: 97, count: count), lengthBytes: lengthBytes)
    }

    static func close(_ code: UInt16? = nil, reason: [UInt8] = []) -> ClientFrame {
        ClientFrame(first: 0x88, payload: (code.map { [UInt8($0 >> 8), UInt8($0 & 255)] } ?? []) + reason)
    }

    static func ping(_ payload: [UInt8] = []) -> ClientFrame { ClientFrame(first: 0x89, payload: payload) }

    var bytes: [UInt8] {
        let count = payload.count
        let extra = lengthBytes ?? (count < 126 ? 0 : count < 65_536 ? 2 : 8)
        var bytes = [first, (mask == nil ? 0 : 0x80) | (extra == 0 ? UInt8(count) : extra == 2 ? 126 : 127)]
        for index in (0..<extra).reversed() { bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index))) }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}
