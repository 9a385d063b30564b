@testable import JobFrontFastCGI
import Testing

@Suite(.timeLimit(.minutes(5)))
struct FastCGIArrivalTests {
    private let get = FastCGIPeer.request("GET", "/api/jobs/a")
    private let post = FastCGIPeer.request("POST", "/api/jobs", body: Array(#"{"jobId":"a"}"#.utf8))

    @Test func aRequestIsWholeWithItsLastByteAndNotBefore() {
        for bytes in [get, post] {
            for count in 0..<bytes.count { #expect(arrival(bytes.prefix(count)) != .whole) }
            #expect(arrival(bytes) == .whole)
        }
    }

    @Test func theHeadIsThereBeforeTheBody() {
        let bodyLength = 8 + #"{"jobId":"a"}"#.utf8.count + 8
        let head = post.count - bodyLength
        #expect(arrival(post.prefix(head - 1)) == .begun)
        for count in head..<post.count { #expect(arrival(post.prefix(count)) == .head) }
    }

    @Test func paddingIsPassedOver() {
        let padded: [UInt8] = [1, 1, 0, 1, 0, 8, 3, 0] + [UInt8](repeating: 0, count: 11)
        #expect(arrival(padded) == .begun)
        #expect(arrival(padded + FastCGIPeer.record(4, [])) == .head)
        #expect(arrival(padded + FastCGIPeer.record(4, []) + FastCGIPeer.record(5, [])) == .whole)
    }

    @Test func anotherProtocolIsForeign() {
        #expect(arrival(Array("GET / HTTP/1.1\r\n\r\n".utf8)) == .foreign)
        #expect(arrival(FastCGIPeer.record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + [2, 4, 0, 1, 0, 0, 0, 0]) == .foreign)
        #expect(arrival([]) == .begun)
    }

    private func arrival(_ bytes: some Sequence<UInt8>) -> FastCGIArrival {
        Array(bytes).withUnsafeBytes { FastCGIArrival(of: $0) }
    }
}
