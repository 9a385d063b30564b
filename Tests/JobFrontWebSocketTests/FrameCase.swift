import JobFront
import Testing

/// What a client sends, and what comes of it: the chapters of Autobahn's suite that are not about speed or compression.
struct FrameCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let outcome: FrameOutcome

    var testDescription: String { name }

    init(_ name: String, _ frames: [ClientFrame], _ outcome: FrameOutcome) {
        self.name = name
        bytes = frames.flatMap(\.bytes)
        self.outcome = outcome
    }

    static let all = sizes + framing + reserved + control + fragments + utf8 + wrongUTF8 + closes

    private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }
    private static func refused(_ code: CloseCode) -> FrameOutcome { FrameOutcome(refused: code) }

    private static let sizes = [0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, 2_097_152].map { count in
        FrameCase("a text of \(count)", [.text(x(count))], FrameOutcome([x(count)]))
    }

    private static let framing: [FrameCase] = [
        FrameCase("two texts", [.text("a"), .text("b")], FrameOutcome(["a", "b"])),
        FrameCase("one byte too much", [.text(x(2_097_153))], refused(.tooBig)),
        FrameCase("binary", [ClientFrame(first: 0x82, payload: [1])], refused(.notText)),
        FrameCase("no mask", [ClientFrame(first: 0x81, payload: [97], mask: nil)], refused(.protocolError)),
        FrameCase(
            "a mask of zeros", [ClientFrame(first: 0x81, payload: [97], mask: [0, 0, 0, 0])], FrameOutcome(["a"])),
        FrameCase("2 bytes for a length of 125", [.long(125, lengthBytes: 2)], refused(.protocolError)),
        FrameCase("8 bytes for a length of 1", [.long(1, lengthBytes: 8)], refused(.protocolError)),
        FrameCase("8 bytes for a length of 65535", [.long(65_535, lengthBytes: 8)], refused(.protocolError)),
        FrameCase(
            "a text before what is reserved", [.text("a"), ClientFrame(first: 0xB1)],
            FrameOutcome(["a"], refused: .protocolError)),
    ]

    /// Bits and opcodes that mean nothing.
    private static let reserved: [FrameCase] =
        (1...7).map { (bits: UInt8) in
            FrameCase("bits \(bits)", [ClientFrame(first: 0x81 | bits << 4, payload: [97])], refused(.protocolError))
        }
        + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].flatMap { (opcode: UInt8) in
            [0x80 | opcode, opcode].map {
                FrameCase("first byte \($0)", [ClientFrame(first: $0)], refused(.protocolError))
            }
        }

    private static let control: [FrameCase] = [
        FrameCase("a ping", [.ping()], FrameOutcome(pings: [[]])),
        FrameCase("a ping with bytes", [.ping([0, 0xFF, 0xFE])], FrameOutcome(pings: [[0, 0xFF, 0xFE]])),
        FrameCase("a ping of 125", [.ping(Array(x(125).utf8))], FrameOutcome(pings: [Array(x(125).utf8)])),
        FrameCase("a ping of 126", [.ping(Array(x(126).utf8))], refused(.protocolError)),
        FrameCase("a pong that nobody wanted", [ClientFrame(first: 0x8A, payload: [1])], FrameOutcome(pongs: 1)),
        FrameCase("a ping in pieces", [ClientFrame(first: 0x09)], refused(.protocolError)),
        FrameCase("a pong in pieces", [ClientFrame(first: 0x0A)], refused(.protocolError)),
        FrameCase("ten pings", (0..<10).map { .ping([$0]) }, FrameOutcome(pings: (0..<10).map { [$0] })),
    ]

    private static let empty = ClientFrame.more([], isFinal: false)

    private static let fragments: [FrameCase] = [
        FrameCase("two pieces", [.text("ab", isFinal: false), .more([99], isFinal: true)], FrameOutcome(["abc"])),
        FrameCase("empty pieces", [.text("", isFinal: false), empty, .more([], isFinal: true)], FrameOutcome([""])),
        FrameCase(
            "an empty one between", [.text("a", isFinal: false), empty, .more([98], isFinal: true)],
            FrameOutcome(["ab"])),
        FrameCase(
            "a ping between", [.text("a", isFinal: false), .ping([7]), .more([98], isFinal: true)],
            FrameOutcome(["ab"], pings: [[7]])),
        FrameCase("a close between", [.text("a", isFinal: false), .close(1000)], FrameOutcome(closed: 1000)),
        FrameCase("more of nothing", [.more([97], isFinal: true)], refused(.protocolError)),
        FrameCase("more of nothing in pieces", [.more([97], isFinal: false), .text("b")], refused(.protocolError)),
        FrameCase(
            "more behind the end", [.text("a"), .more([98], isFinal: true)],
            FrameOutcome(["a"], refused: .protocolError)),
        FrameCase("a text within a text", [.text("a", isFinal: false), .text("b")], refused(.protocolError)),
        FrameCase("binary within a text", [.text("a", isFinal: false), ClientFrame(first: 0x82)], refused(.notText)),
        FrameCase(
            "pieces that are too much together", [.text(x(2_097_152), isFinal: false), .more([97], isFinal: true)],
            refused(.tooBig)),
        FrameCase("as many pieces as there may be", pieces(65_536), FrameOutcome(["a"])),
        FrameCase("one piece more", pieces(65_537), refused(.policy)),
    ]

    private static func pieces(_ count: Int) -> [ClientFrame] {
        [.text("", isFinal: false)] + Array(repeating: empty, count: count - 2) + [.more([97], isFinal: true)]
    }

    private static let euro = Array("€".utf8)

    private static let utf8: [FrameCase] = [
        FrameCase("characters of all lengths", [.text("κόσμε 𝄞 \u{10FFFF}")], FrameOutcome(["κόσμε 𝄞 \u{10FFFF}"])),
        FrameCase(
            "a character in two pieces", [.text([euro[0]], isFinal: false), .more(Array(euro[1...]), isFinal: true)],
            FrameOutcome(["€"])),
        FrameCase(
            "a character in three pieces",
            [.text([euro[0]], isFinal: false), .more([euro[1]], isFinal: false), .more([euro[2]], isFinal: true)],
            FrameOutcome(["€"])),
        FrameCase("half a character", [.text(Array(euro[..<2]))], refused(.wrongContent)),
        FrameCase(
            "half a character in two pieces", [.text([euro[0]], isFinal: false), .more([euro[1]], isFinal: true)],
            refused(.wrongContent)),
    ]

    /// Bytes of none, overlong forms, a surrogate, beyond the last character, a piece of one.
    private static let wrongUTF8: [FrameCase] = [
        [0xFF], [0xFE], [0xC0, 0x80], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
        [0xF8, 0x88, 0x80, 0x80, 0x80],
    ].map { (bytes: [UInt8]) in FrameCase("not UTF-8: \(bytes)", [.text([97] + bytes + [97])], refused(.wrongContent)) }

    private static let legal: [UInt16] = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
    ]
    private static let illegal: [UInt16] = [
        0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ]

    private static let closes: [FrameCase] =
        legal.map { FrameCase("close \($0)", [.close($0)], FrameOutcome(closed: $0)) }
        + illegal.map { FrameCase("close \($0)", [.close($0)], refused(.protocolError)) }
        + [
            FrameCase("close without a code", [.close()], FrameOutcome(closed: 0)),
            FrameCase("close with half a code", [ClientFrame(first: 0x88, payload: [3])], refused(.protocolError)),
            FrameCase("close with a reason", [.close(1000, reason: euro)], FrameOutcome(closed: 1000)),
            FrameCase(
                "close with a reason of 123", [.close(1000, reason: Array(x(123).utf8))], FrameOutcome(closed: 1000)),
            FrameCase("close with one of 124", [.close(1000, reason: Array(x(124).utf8))], refused(.protocolError)),
            FrameCase("close with one that is not UTF-8", [.close(1000, reason: [0xFF])], refused(.wrongContent)),
            FrameCase("close in pieces", [ClientFrame(first: 0x08)], refused(.protocolError)),
        ]
}
