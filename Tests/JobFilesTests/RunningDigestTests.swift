import Crypto
import Testing

@testable import JobFiles

/// A digest that is put down and taken up, beside another library's.
@Suite(.timeLimit(.minutes(5)))
struct RunningDigestTests {
    private static let content = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ $0 >> 5) }

    private func expected(_ count: Int) -> String {
        SHA256.hash(data: Self.content.prefix(count)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    @Test func itIsThatOfAnotherLibrary() {
        #expect(RunningDigest().hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        for count in 0...Self.content.count {
            for step in [1, 63, 64, 65, 300] {
                var digest = RunningDigest()
                for start in stride(from: 0, to: count, by: step) {
                    Self.content[start..<min(count, start + step)].withUnsafeBytes { digest.add($0) }
                }
                #expect(digest.count == count && digest.hexadecimal == expected(count))
            }
        }
    }

    @Test func whatIsPutDownIsTakenUpAtTheLastWholeBlock() throws {
        for count in [0, 1, 63, 64, 65, 200, 256] {
            var digest = RunningDigest()
            Self.content.prefix(count).withUnsafeBytes { digest.add($0) }
            var other = try #require(RunningDigest(saved: digest.saved))
            #expect(other.count == Int64(count / 64 * 64))
            Self.content.dropFirst(Int(other.count)).withUnsafeBytes { other.add($0) }
            #expect(other.hexadecimal == expected(300))
        }
    }

    @Test func whatWasNotPutDownIsNotTakenUp() {
        let saved = RunningDigest().saved
        #expect(saved.count == RunningDigest.savedBytes)
        #expect(RunningDigest(saved: []) == nil)
        #expect(RunningDigest(saved: saved + [0]) == nil)
        #expect(RunningDigest(saved: saved.dropLast() + [1]) == nil)
        #expect(RunningDigest(saved: saved.prefix(32) + Array(repeating: 0xFF, count: 8)) == nil)
    }
}
