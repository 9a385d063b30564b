import JobTesting
import Testing

@testable import JobFiles

/// What zlib has packed.
struct InflateTests {
    /// With codes of its own, and with the fixed ones.
    @Test(arguments: [dynamic, fixed])
    func aTextIsUnpacked(packed: String) {
        let text = (0..<60).map { "line \($0 * $0 % 97) of a text that repeats itself\n" }.joined()
        let bytes = Self.bytes(packed)
        #expect(Inflate.bytes(of: bytes, limit: 10_000) == Array(text.utf8))
        #expect(Inflate.bytes(of: bytes, limit: 100) == Array(text.utf8.prefix(100)))
        let half = Inflate.bytes(of: Array(bytes[..<(bytes.count / 2)]), limit: 10_000) ?? []
        #expect(!half.isEmpty && text.utf8.starts(with: half))
    }

    @Test func whatIsStoredIsCopied() {
        #expect(
            Inflate.bytes(of: Self.bytes("010f00f0ff73746f726564206173206974206973"), limit: 100)
                == Array("stored as it is".utf8))
    }

    @Test func whatIsBrokenEnds() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            #expect((Inflate.bytes(of: bytes, limit: 200)?.count ?? 0) <= 200)
        }
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0..<$0 + 2]), radix: 16) }
    }

    private static let dynamic =
        "add3cb0dc2301084e13b55b80462c78f94938311912240c407ca4754c077c87db4b33bf3efbe3d7ab886e72dac61f4cf"
        + "08e3be8ef0eeafbe8e236ce3e8fbedb2ff44938866112d64574415b3a812cd9a69af4227364a2bd18964385751d5488e"
        + "b43b5d5868d6622d525cd560a6bd32392e4697bd867d99ed458e99f26a5436d51889d4468e994e8c5476b3f7b7c7a624"
        + "269ad508af621052aa89f29a8c092295786e146aa51aabcd4a27aa4edcde92b054cb795d1b37c6a0f1fcf737be"
    private static let fixed =
        "cbc9cc4b553050c84f5348542849ad285128c9482c51284a2d484d2c2956c82c294ecd49e3ca01293224469109318a2c"
        + "89b2ce8c185546a6c4a83226ca2c13a2dc654694172d880a2d63a2bc48948526e6c4a8323722ca46a2dc4e940fcd8832"
        + "cb92b858242ab8cc894bcc44b9cb94281b2d894b5dc4650de2721971ee22ca4653a2c2cb82a8c8262a1a8d884aa91644"
        + "d9684a94178d888a6c0be2b23f71199ba8903024ca2c0ba2929719718990a85035262abc0c894b1344a554a2d2b30551"
        + "816a4e54349a13679631155551d1f5c4850471a16a46bdb8262edd109706894bcf04f30600"
}
