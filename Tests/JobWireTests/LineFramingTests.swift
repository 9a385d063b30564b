import JobWire
import NIOCore
import NIOEmbedded
import Testing

@testable import JobWire

struct LineFramingTests {
    @Test func linesAreTheSameHoweverTheyAreCut() throws {
        let text = "one\n\ntwo\r\nthree\n"
        for cut in 0...text.utf8.count {
            let lines = try lines(of: [String(text.prefix(cut)), String(text.dropFirst(cut))])
            #expect(lines == ["one", "", "two\r", "three"] || lines == ["one", "", "two", "three"], "cut at \(cut)")
        }
    }

    @Test func aLineOfTheLimitIsTakenAndALongerOneRefused() throws {
        let longest = String(repeating: "x", count: 100)
        #expect(try lines(of: ["\(longest)\n"]) == [longest])
        #expect(throws: LineFraming.LineTooLong.self) { try lines(of: ["\(longest)x\n"]) }
        #expect(throws: LineFraming.LineTooLong.self) { try lines(of: ["\(longest)xx"]) }
        #expect(throws: LineFraming.LineTooLong.self) { try lines(of: [longest, "x", "x"]) }
    }

    private func lines(of reads: [String]) throws -> [String] {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(LineFraming(limit: 100)))
        defer { _ = try? channel.finish() }
        for read in reads { try channel.writeInbound(ByteBuffer(string: read)) }
        var lines: [String] = []
        while let line = try channel.readInbound(as: ByteBuffer.self) { lines.append(String(buffer: line)) }
        return lines
    }
}
