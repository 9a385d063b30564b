import JobFront
import NIOCore
import Testing

@testable import JobFrontWebSocket

@Suite(.timeLimit(.minutes(5)))
struct FrameReaderTests {
    @Test(arguments: FrameCase.all)
    func aClientsFramesComeToThis(of one: FrameCase) {
        #expect(FrameOutcome(reading: one.bytes, inPiecesOf: one.bytes.count) == one.outcome)
    }

    @Test(arguments: FrameCase.all.filter { $0.bytes.count < 5000 })
    func theyComeToTheSameByteByByte(of one: FrameCase) {
        for size in [1, 2, 3, 7] { #expect(FrameOutcome(reading: one.bytes, inPiecesOf: size) == one.outcome) }
    }

    @Test(arguments: [UInt64(2_097_153), 1 << 32, 1 << 62, 1 << 63, .max])
    func aLengthThatIsTooMuchIsRefusedBeforeAnythingOfItComes(length: UInt64) {
        let head = [0x81, 0xFF] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: length >> (8 * UInt64($0))) }
        let expected: CloseCode = length >> 63 == 0 ? .tooBig : .protocolError
        #expect(FrameOutcome(reading: head + [1, 2, 3, 4], inPiecesOf: 1) == FrameOutcome(refused: expected))
    }

    @Test func whatIsHeldIsTheMessageAsFarAsItHasCome() throws {
        var reader = FrameReader()
        var bytes = ByteBuffer(bytes: ClientFrame.text("abc", isFinal: false).bytes + ClientFrame.ping([1]).bytes)
        #expect(try reader.read(&bytes) == .ping(ByteBuffer(bytes: [1])))
        #expect(reader.heldBytes == 3)
        bytes = ByteBuffer(bytes: ClientFrame.more([97, 98], isFinal: true).bytes.dropLast())
        #expect(try reader.read(&bytes) == nil)
        #expect(reader.heldBytes == 4)
        bytes = ByteBuffer(bytes: ClientFrame.more([97, 98], isFinal: true).bytes.suffix(1))
        #expect(try reader.read(&bytes) == .message(ByteBuffer(string: "abcab")))
        #expect(reader.heldBytes == 0)
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func aServersFrameIsTheShortestAndHasNoMask(length: Int) {
        var bytes = ByteBuffer()
        FrameWriter.writeHead(.text, length: length, into: &bytes)
        let extra = length < 126 ? 0 : length < 65_536 ? 2 : 8
        #expect(bytes.readableBytes == 2 + extra)
        #expect(bytes.getInteger(at: 0, as: UInt8.self) == 0x81)
        #expect(bytes.getInteger(at: 1, as: UInt8.self) == UInt8(extra == 0 ? length : extra == 2 ? 126 : 127))
    }
}
