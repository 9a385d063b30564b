@testable import JobControl
import Testing

struct TypedSpanTests {
    @Test(arguments: [
        ("0", 0), ("0.5", 500), ("30", 30_000), ("1e2", 100_000), ("250ms", 250), ("10m", 600_000), ("2h", 7_200_000),
    ])
    func aNumberMeansSeconds(text: String, milliseconds: Int) {
        #expect(TypedSpan(argument: text)?.duration == .milliseconds(milliseconds))
    }

    @Test(arguments: ["", "x", "nan", "inf", "1e400", "-1", "-1s", "1y", "1e30", "3651d", "9223372036854775807ms"])
    func whatIsNotASpanIsAMistake(text: String) {
        #expect(TypedSpan(argument: text) == nil)
    }
}
