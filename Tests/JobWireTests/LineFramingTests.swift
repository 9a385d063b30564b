import JobWire
import NIOCore
import NIOEmbedded
import Testing

@Suite(.timeLimit(.minutes(5)))
struct LineFramingTests {
    private let channel: EmbeddedChannel

    init() throws {
        channel = EmbeddedChannel(handler: LineFraming(limit: 8))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/x")).wait()
    }

    @Test func severalLinesInOneReadComeOneByOne() throws {
        try receive("one\n\ntwo\nthree\nrest")
        #expect(try lines() == ["one", "", "two", "three"])
    }

    @Test(arguments: 0...13)
    func linesCutAnywhereComeWhole(position: Int) throws {
        let text = "one\n\ntwo\nrest"
        try receive(String(text.prefix(position)))
        try receive(String(text.dropFirst(position)))
        #expect(try lines() == ["one", "", "two"])
    }

    @Test func linesComeWholeByteByByte() throws {
        for character in "one\ntwo\r\n\u{0}\n" { try receive(String(character)) }
        #expect(try lines() == ["one", "two\r", "\u{0}"])
    }

    @Test func aLineOfExactlyTheLimitIsTaken() throws {
        try receive("12345678\n1234")
        try receive("5678")
        try receive("\n")
        #expect(try lines() == ["12345678", "12345678"])
    }

    @Test(arguments: [["123456789\n"], ["123456789"], ["12345678", "9"], ["1\n123456789\n2\n"], ["12345678", "9\n"]])
    func aLineOverTheLimitEndsTheReading(reads: [String]) throws {
        #expect(throws: LineFraming.LineTooLong.self) {
            for read in reads { try receive(read) }
        }
        #expect(try lines() == (reads[0].hasPrefix("1\n") ? ["1"] : []))
        // Whatever comes after it cannot be told from the rest of the line.
        _ = try? channel.writeInbound(ByteBuffer(string: "\nnext\n"))
        #expect(try lines() == [])
    }

    @Test func aLineWithoutItsEndIsDroppedWithTheConnection() throws {
        try receive("one\ntw")
        #expect(try lines() == ["one"])
        channel.pipeline.fireChannelInactive()
        #expect(try lines() == [])
    }

    @Test func theLastLineNeedsNoEndWhenTheOtherEndIsDone() throws {
        try receive("one\ntw")
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try lines() == ["one", "tw"])
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try lines() == [])
    }

    @Test func manyShortLinesNeverReachTheLimit() throws {
        try receive(String(repeating: "abc\n", count: 10_000))
        #expect(try lines().count == 10_000)
    }

    private func receive(_ text: String) throws { _ = try channel.writeInbound(ByteBuffer(string: text)) }

    private func lines() throws -> [String] {
        var lines: [String] = []
        while let line = try channel.readInbound(as: ByteBuffer.self) { lines.append(String(buffer: line)) }
        return lines
    }
}
