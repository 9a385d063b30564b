@testable import JobFront
@testable import JobFrontFastCGI
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FastCGIRecordsTests {
    @Test func aShortOutputIsOneRecord() {
        var records = ByteBuffer()
        FastCGIRecords.append(output: ByteBuffer(string: "abc"), requestId: 258, into: &records)
        #expect(Array(records.readableBytesView) == [1, 6, 1, 2, 0, 3, 0, 0] + Array("abc".utf8))
    }

    @Test(arguments: [false, true])
    func theEndIsAnEmptyOutputAndAStatus(isLast: Bool) {
        var records = ByteBuffer()
        FastCGIRecords.append(output: ByteBuffer(), requestId: 1, into: &records)
        FastCGIRecords.appendEnd(requestId: 1, isLast: isLast, into: &records)
        let more: [UInt8] = isLast ? [1, 6, 0, 1, 0, 0, 0, 0] : []
        let expected = [1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + more
        #expect(Array(records.readableBytesView) == expected)
    }

    @Test(arguments: [65_527, 65_528, 65_529, 200_000])
    func aLongOutputIsSplitWithoutLoss(count: Int) {
        let output = ByteBuffer(bytes: (0..<count).map { UInt8(truncatingIfNeeded: $0) })
        var records = ByteBuffer()
        FastCGIRecords.append(output: output, requestId: 1, into: &records)
        var joined = ByteBuffer()
        while let header = records.readBytes(length: 8) {
            let length = Int(header[4]) << 8 | Int(header[5])
            #expect(length > 0 && length % 8 == 0 || records.readableBytes == length)
            guard var content = records.readSlice(length: length) else { break }
            joined.writeBuffer(&content)
        }
        #expect(joined == output)
    }

    @Test func theHeadHasStatusHeadersAndLength() {
        var head = ByteBuffer()
        let response = HTTPResponse(201, headers: [.noStore], body: .bytes(ByteBuffer(string: "xy")))
        response.writeHead(into: &head)
        #expect(
            String(buffer: head) == "Status: 201 Created\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\n")
    }
}
